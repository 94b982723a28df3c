package org.flywheelmta.auth;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.event.AuditEvent;
import org.flywheelmta.event.AuditLog;

/**
 * What of authentication goes to the audit: each success and failure, and of what was not looked at
 * a sum, at most one line in ten seconds.
 */
@ConcurrentThreadSafe
final class AuthAudit {
  static final long SUM_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final AuditLog log;
  private final Clock clock;
  private final AtomicLong unsaid = new AtomicLong();
  private final AtomicLong saidNanos;

  AuthAudit(AuditLog log, Clock clock) {
    this.log = log;
    this.clock = clock;
    this.saidNanos = new AtomicLong(clock.nanoTime() - SUM_NANOS);
  }

  void succeeded(SaslConnection connection, Identity identity) {
    log.write(
        event(
            AuditEvent.Type.AUTHENTICATED,
            connection,
            identity.mechanism(),
            identity.name(),
            identity.roles(),
            "",
            0));
  }

  /**
   * @param reason for operators: what the client is not told
   */
  void failed(SaslConnection connection, Mechanism mechanism, String name, String reason) {
    log.write(event(AuditEvent.Type.FAILED, connection, mechanism, name, List.of(), reason, 0));
  }

  /**
   * An attempt that was not looked at, or could not be.
   *
   * @param reason of this one; the line has that of the last one in its sum
   */
  void refused(SaslConnection connection, Mechanism mechanism, String name, String reason) {
    unsaid.incrementAndGet();
    long now = clock.nanoTime();
    long said = saidNanos.get();
    if (now - said >= SUM_NANOS && saidNanos.compareAndSet(said, now)) {
      log.write(
          event(
              AuditEvent.Type.REFUSED,
              connection,
              mechanism,
              name,
              List.of(),
              reason,
              unsaid.getAndSet(0)));
    }
  }

  private AuditEvent event(
      AuditEvent.Type type,
      SaslConnection connection,
      Mechanism mechanism,
      String name,
      List<String> roles,
      String reason,
      long count) {
    return new AuditEvent(
        type,
        clock.wallMicros(),
        name,
        roles,
        mechanism.word(),
        new AuditEvent.Where(
            connection.service(), connection.listener(), connection.peer(), connection.secure()),
        reason,
        count);
  }
}
