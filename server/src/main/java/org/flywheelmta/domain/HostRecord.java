package org.flywheelmta.domain;

import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.MailEvent.Reply;
import org.jspecify.annotations.Nullable;

/**
 * How one address and port fares, for all domain records of a scheduler that have mail for it. One
 * that fails is skipped for a while by all of them, and then tried with one connection at a time
 * until one succeeds.
 */
@NonThreadSafe
final class HostRecord {
  /** How long whoever finds somebody else trying waits before looking again. */
  private static final long PROBE_WAIT_NANOS = 1_000_000_000L;

  final InetSocketAddress address;
  // Sessions that are idle there and may be given to another record, the latest last; null for
  // none.
  private @Nullable LinkedHashSet<SessionSource> idle;
  private int failures;
  // How often it failed in all, and how last; who waits for it compares.
  private long allFailures;
  private @Nullable Reply lastFailure;
  private int connecting;
  private long skippedUntilNanos;
  private int users;

  HostRecord(InetSocketAddress address, long nowNanos) {
    this.address = address;
    this.skippedUntilNanos = nowNanos;
  }

  /** How long it is not to be tried; 0 where it may be now. */
  long openInNanos(long nowNanos) {
    long pause = Math.max(0, skippedUntilNanos - nowNanos);
    return pause == 0 && failures > 0 && connecting > 0 ? PROBE_WAIT_NANOS : pause;
  }

  /** Failures in a row. */
  int failures() {
    return failures;
  }

  /** Failures so far, however they followed each other. */
  long allFailures() {
    return allFailures;
  }

  /** How it failed last; null where it never did. */
  @Nullable Reply lastFailure() {
    return lastFailure;
  }

  /** A connection to it is being opened, or came to an end of that. */
  void onConnecting(int change) {
    connecting += change;
  }

  /** A session there brought its first message to an end of its own. */
  void onProgress() {
    failures = 0;
  }

  /**
   * A connection failed, or brought nothing through. Those that were begun before the last skip was
   * over belong to the failure that made it.
   *
   * @param policy of the record that wanted it
   * @param begunNanos when it was begun
   * @param reply how it failed
   * @return whether it is a failure of its own
   */
  boolean onFailure(DomainPolicy policy, long begunNanos, long nowNanos, Reply reply) {
    if (begunNanos - skippedUntilNanos < 0) {
      return false;
    }
    failures++;
    allFailures++;
    lastFailure = reply;
    skippedUntilNanos = nowNanos + pauseNanos(policy, failures);
    return true;
  }

  /**
   * The pause after so many failures in a row, at least 1: one second at first, then twice as long
   * each time, at most {@code host_failure_retry} and never longer than the first retry of a
   * message.
   */
  static long pauseNanos(DomainPolicy policy, int failures) {
    // A retry may come an eighth early by its spread, and is not to find the pause still on.
    long retry = policy.retryIntervalNanos() - policy.retryIntervalNanos() / 8;
    long most = Math.min(policy.hostFailureRetryNanos(), retry);
    long pause = PROBE_WAIT_NANOS << Math.min(failures - 1, 20);
    return Math.min(pause, most);
  }

  void use(int change) {
    users += change;
  }

  /** Whether no route leads to it, and nothing is known of it that somebody might ask for. */
  boolean isForgettable(long nowNanos) {
    return users == 0 && connecting == 0 && skippedUntilNanos - nowNanos <= 0;
  }

  void onIdle(SessionSource session) {
    if (idle == null) {
      idle = new LinkedHashSet<>();
    }
    idle.addLast(session);
  }

  void onNoLongerIdle(SessionSource session) {
    if (idle != null && idle.remove(session) && idle.isEmpty()) {
      idle = null;
    }
  }

  /** The session of another record that was idle last; null for none. */
  @Nullable SessionSource idleOfOther(DomainRecord record) {
    if (idle == null) {
      return null;
    }
    for (var session : idle.reversed()) {
      if (!session.belongsTo(record)) {
        return session;
      }
    }
    return null;
  }
}
