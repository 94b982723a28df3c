package org.flywheelmta.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.domain.SessionSource.State;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/**
 * Decides how many connections the active queue of a record deserves, and opens them.
 *
 * <p>The first connection is opened at once. Each session that brings its first message through
 * doubles how many there may be, up to {@code max_outbound_connections}; when the last one closes
 * it begins with one again.
 *
 * <p>After a connection failed, or a session that brought nothing through, none is opened for a
 * pause: one second at first, twice as long after each further failure, at most {@code
 * host_failure_retry} and never longer than the first retry of a message. When a connection failed
 * and no other stands, every message that waits counts one attempt with that outcome and is
 * delayed, so that an operator sees what happened to it. Failed sessions do the same to their queue
 * only when {@link #FAILURES_TO_DELAY} of them followed each other.
 */
@NonThreadSafe
final class Maintainer {
  /** How many failures in a row delay all that waits. */
  static final int FAILURES_TO_DELAY = 10;

  private static final long FIRST_PAUSE_NANOS = 1_000_000_000;

  private final DomainRecord record;
  private final DomainTable table;
  private final Scheduler scheduler;
  private final String scope;
  private final int port;
  private final TimedEvent pause;
  private final TimedEvent later;
  private final List<SessionSource> sessions = new ArrayList<>();
  private final ArrayDeque<SessionSource> idle = new ArrayDeque<>();
  private int connecting;
  private int woken;
  private int allowed = 1;
  private int failures;
  private boolean running;
  private boolean again;

  Maintainer(DomainRecord record) {
    this.record = record;
    this.table = record.table;
    this.scheduler = record.scheduler;
    this.scope = record.name.host();
    this.port = record.name.port();
    this.pause = TimedEvent.of(now -> record.maintain());
    this.later = TimedEvent.of(now -> record.maintain());
  }

  /** Sessions open or being opened. */
  int sessions() {
    return sessions.size();
  }

  /** Sessions that would take a message at once. */
  int idle() {
    return idle.size();
  }

  /** True when a session, or a timer, will come to the queue by itself. */
  boolean looksAgain() {
    return pause.armed() || later.armed() || sessions.stream().anyMatch(SessionSource::comesAgain);
  }

  /** True when some session has done nothing for what it waits for. */
  boolean hasForgottenSession() {
    return sessions.stream().anyMatch(SessionSource::isForgotten);
  }

  void forEach(Consumer<Waiting> visitor) {
    sessions.forEach(session -> session.forEach(visitor));
  }

  /** A session may call back while it is woken or opened; that makes one more round. */
  void run() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        step();
      } while (again);
    } finally {
      running = false;
    }
  }

  private void step() {
    var policy = record.policy();
    if (table.stopping() || record.active.size() == 0 || policy.suspendDelivery()) {
      return;
    }
    if (policy.blackhole() && !record.name.isGateway()) {
      record.discardActive();
      return;
    }
    wakeIdle();
    if (pause.armed() || demand() <= 0 || sessions.size() >= most()) {
      return;
    }
    if (!table.neighbours.outcomesAreKept()) {
      scheduler.arm(later, Ledger.ROOM_WAIT_NANOS);
      return;
    }
    switch (table.neighbours.router().route(scope, port)) {
      case Router.NoRoute(var reply) ->
          record.failActive(new TransientFailure(reply, Scope.DOMAIN));
      case Router.Host host -> open(host);
    }
  }

  private int most() {
    return Math.min(allowed, record.policy().maxOutboundConnections());
  }

  /** Waiting messages for which no session is on its way. */
  private int demand() {
    return record.active.size() - connecting - woken;
  }

  private void wakeIdle() {
    while (demand() > 0) {
      var session = idle.pollFirst();
      if (session == null) {
        return;
      }
      session.wake();
    }
  }

  private void open(Router.Host host) {
    while (demand() > 0 && sessions.size() < most() && !pause.armed() && !table.stopping()) {
      if (!table.budget.tryTake(record)) {
        return;
      }
      var target = new DeliveryTarget(scope, host.host(), host.address());
      var session = new SessionSource(record, this, target);
      sessions.add(session);
      table.onSessionOpened();
      session.open(table.neighbours.method());
    }
  }

  void onState(SessionSource session, @Nullable State from, State to) {
    connecting += (to == State.CONNECTING ? 1 : 0) - (from == State.CONNECTING ? 1 : 0);
    woken += (to == State.WOKEN ? 1 : 0) - (from == State.WOKEN ? 1 : 0);
    if (to == State.IDLE) {
      // The one that was busy last is woken first, so that surplus ones reach their idle timeout.
      idle.addFirst(session);
    } else if (from == State.IDLE && to == State.CLOSED) {
      idle.remove(session);
    }
  }

  /** The host takes mail: a session brought its first message to an end of its own. */
  void onProgress() {
    failures = 0;
    allowed = Math.min(record.policy().maxOutboundConnections(), allowed * 2);
    record.maintain();
  }

  /** A failure reaches the whole host or domain: no session goes on. */
  void onDomainFailure(Reply reply) {
    onSessionFailure(reply);
    retireAll();
  }

  /**
   * A session is over.
   *
   * @param connectFailure why it never became ready; null when it did
   * @param sessionFailure why it brought nothing through; null when it did, or had nothing to do
   */
  void onClosed(
      SessionSource session, @Nullable Reply connectFailure, @Nullable Reply sessionFailure) {
    sessions.remove(session);
    if (sessions.isEmpty()) {
      allowed = 1;
    }
    if (connectFailure != null) {
      onConnectFailure(connectFailure);
    } else if (sessionFailure != null) {
      onSessionFailure(sessionFailure);
    }
    table.budget.release();
    table.onSessionClosed();
    record.maintain();
  }

  private void onConnectFailure(Reply reply) {
    backOff();
    if (sessions.isEmpty() || failures >= FAILURES_TO_DELAY) {
      record.failActive(new TransientFailure(reply, Scope.DOMAIN));
    }
  }

  private void onSessionFailure(Reply reply) {
    backOff();
    if (failures >= FAILURES_TO_DELAY) {
      record.failActive(new TransientFailure(reply, Scope.SESSION));
    }
  }

  private void backOff() {
    table.counters.sessionFailures.increment();
    allowed = Math.max(1, sessions.size() - connecting);
    if (!pause.armed()) {
      // Connections that were opened together and fail together are one failure.
      failures++;
      scheduler.arm(pause, pauseNanos(record.policy(), failures));
    }
  }

  /** How long no connection is opened after so many failures in a row, at least 1. */
  static long pauseNanos(DomainPolicy policy, int failures) {
    // A retry may come an eighth early by its spread, and is not to find the pause still on.
    long retry = policy.retryIntervalNanos() - policy.retryIntervalNanos() / 8;
    long most = Math.min(policy.hostFailureRetryNanos(), retry);
    long pause = FIRST_PAUSE_NANOS << Math.min(failures - 1, 20);
    return Math.min(pause, most);
  }

  /** Follows new options: sessions above the limit finish, and all of a suspended record. */
  void onPolicy() {
    var policy = record.policy();
    int most = policy.suspendDelivery() || policy.blackhole() ? 0 : policy.maxOutboundConnections();
    allowed = Math.max(1, Math.min(allowed, most));
    if (sessions.size() > most) {
      // A session may close, and leave the list, while it is retired.
      List.copyOf(sessions.subList(most, sessions.size())).forEach(SessionSource::retire);
    }
  }

  void retireAll() {
    for (var session : List.copyOf(sessions)) {
      session.retire();
    }
  }

  /** Ends all sessions at once. */
  void abortAll() {
    for (var session : List.copyOf(sessions)) {
      session.abort();
    }
  }

  void stop() {
    scheduler.disarm(pause);
    scheduler.disarm(later);
  }
}
