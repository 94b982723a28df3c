package org.flywheelmta.smtp;

import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywheelmta.auth.Authenticator;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.config.Listen;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.intake.MailTaker;
import org.flywheelmta.net.Netlistener;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.Walk;
import org.jspecify.annotations.Nullable;

/** What all sessions of the SMTP listeners share, and the sessions that are open. */
@ConcurrentThreadSafe
public final class SmtpRoom {
  /** How many sessions one pass of a scheduler asks to make room. */
  private static final int SESSIONS_PER_PASS = 1_000;

  private final MailTaker taker;
  private final Hooks hooks;
  private final @Nullable Authenticator authenticator;
  private final OperatorLog log;
  // Both are written before stopping is set, and read after it was seen.
  private Set<Scheduler> serving = Set.of();
  private Runnable allClosed = () -> {};
  private volatile boolean stopping;
  private final ReceivedField received = new ReceivedField();
  private final Map<Scheduler, Group> open = new ConcurrentHashMap<>();

  /**
   * Opens the room.
   *
   * @param taker takes what its sessions receive
   * @param hooks where modules and scripts take part
   * @param authenticator lets clients log in; null where nobody can
   */
  public SmtpRoom(
      MailTaker taker, Hooks hooks, OperatorLog log, @Nullable Authenticator authenticator) {
    this.taker = taker;
    this.hooks = hooks;
    this.log = log;
    this.authenticator = authenticator;
    taker.memory().listen(this::onLevel);
  }

  /** Content that still arrives makes room, also where the client says nothing any more. */
  private void onLevel(Level from, Level to) {
    if (to.compareTo(from) > 0 && to.atLeast(Level.SPILLING)) {
      open.forEach((scheduler, group) -> scheduler.post(group.relieve::ask));
    }
  }

  /** The sessions of one listener. */
  public Netlistener.Sessions sessions(Listen listen, String hostname) {
    return new SmtpSessions(this, listen, hostname);
  }

  /**
   * Says goodbye to every session: at once, or when it has the answer from the disk that it waits
   * for.
   *
   * @param schedulers all that serve the room's listeners
   * @param done called once: by the scheduler on which the last session has closed, or at once
   *     where there is no scheduler
   */
  public void stop(List<Scheduler> schedulers, Runnable done) {
    if (schedulers.isEmpty()) {
      done.run();
      return;
    }
    var left = new AtomicInteger(schedulers.size());
    serving = ConcurrentHashMap.newKeySet();
    serving.addAll(schedulers);
    allClosed =
        () -> {
          if (left.decrementAndGet() == 0) {
            done.run();
          }
        };
    stopping = true;
    for (var scheduler : schedulers) {
      scheduler.post(() -> stop(scheduler));
    }
  }

  private void stop(Scheduler scheduler) {
    var group = groupOf(scheduler);
    group.relieve.stop();
    List.copyOf(group.sessions).forEach(SmtpSession::stop);
    countOut(scheduler);
  }

  /** A scheduler without sessions is done, once, whoever comes first to see it. */
  private void countOut(Scheduler scheduler) {
    if (groupOf(scheduler).sessions.isEmpty() && serving.remove(scheduler)) {
      allClosed.run();
    }
  }

  /** True once the server stops: sessions take no further command. */
  boolean stopping() {
    return stopping;
  }

  private Group groupOf(Scheduler scheduler) {
    return open.computeIfAbsent(scheduler, Group::new);
  }

  void opened(SmtpSession session) {
    groupOf(session.scheduler()).sessions.add(session);
  }

  void closed(SmtpSession session) {
    groupOf(session.scheduler()).sessions.remove(session);
    if (stopping) {
      countOut(session.scheduler());
    }
  }

  MailTaker taker() {
    return taker;
  }

  @Nullable Authenticator authenticator() {
    return authenticator;
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

  /** The sessions of one scheduler, which belong to it. */
  @NonThreadSafe
  private static final class Group {
    final Set<SmtpSession> sessions = new LinkedHashSet<>();
    final Walk relieve;

    Group(Scheduler scheduler) {
      this.relieve = new Walk(scheduler, this::begin);
    }

    private Walk.Visit begin() {
      var left = new ArrayDeque<>(sessions);
      return () -> {
        for (int i = 0; i < SESSIONS_PER_PASS && !left.isEmpty(); i++) {
          left.remove().relieve();
        }
        return !left.isEmpty();
      };
    }
  }
}
