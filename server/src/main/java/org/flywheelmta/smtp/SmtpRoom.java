package org.flywheelmta.smtp;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.config.Listen;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.intake.Intake;
import org.flywheelmta.net.Netlistener;
import org.flywheelmta.scheduler.Scheduler;

/** What all sessions of the SMTP listeners share, and the sessions that are open. */
@ConcurrentThreadSafe
public final class SmtpRoom {
  private final Intake intake;
  private final Hooks hooks;
  private final OperatorLog log;
  private final ReceivedField received = new ReceivedField();
  // The sessions of each scheduler; the inner sets belong to it.
  private final Map<Scheduler, Set<SmtpSession>> open = new ConcurrentHashMap<>();

  /**
   * Opens the room.
   *
   * @param intake the door for what its sessions receive
   * @param hooks where modules and scripts take part
   */
  public SmtpRoom(Intake intake, Hooks hooks, OperatorLog log) {
    this.intake = intake;
    this.hooks = hooks;
    this.log = log;
  }

  /** The sessions of one listener. */
  public Netlistener.Sessions sessions(Listen listen, String hostname) {
    return new SmtpSessions(this, listen, hostname);
  }

  /**
   * Says goodbye to every session that is between two commands. Those that wait for a decision or
   * the disk go on until they have their answer.
   */
  public void stop(List<Scheduler> schedulers) {
    for (var scheduler : schedulers) {
      scheduler.post(() -> List.copyOf(sessionsOf(scheduler)).forEach(SmtpSession::stop));
    }
  }

  private Set<SmtpSession> sessionsOf(Scheduler scheduler) {
    return open.computeIfAbsent(scheduler, _ -> new LinkedHashSet<>());
  }

  void opened(SmtpSession session) {
    sessionsOf(session.scheduler()).add(session);
  }

  void closed(SmtpSession session) {
    sessionsOf(session.scheduler()).remove(session);
  }

  Intake intake() {
    return intake;
  }

  Hooks hooks() {
    return hooks;
  }

  OperatorLog log() {
    return log;
  }

  ReceivedField received() {
    return received;
  }
}
