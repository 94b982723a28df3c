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
 * <p>Where a connection goes is the choice of {@link RecordRoute}. A host that fails is skipped for
 * a while, {@link HostRecord}, and the next one is tried at once. When each had its turn in vain
 * and no session stands, every message that waits counts one attempt with the last outcome and is
 * delayed, so that an operator sees what happened to it; never, while any shard of the name has a
 * session that is ready. Sessions that came about and brought nothing through do the same to their
 * queue when {@code mx_failures_to_delay} of them followed each other.
 *
 * <p>Where sessions at work will come to what waits within {@code session_patience}, none is woken
 * or opened for it, {@link Patience}; once each of the best hosts is only one.
 *
 * <p>A session of another record that is idle at the chosen host is taken over instead of opening
 * one.
 *
 * <p>A connection needs {@link ConnectionTokens}. The record waits for them while its queue
 * deserves one more connection, and passes them on when it does not.
 */
@NonThreadSafe
final class Maintainer {
  /** How long no message is given ahead after one came back. */
  static final long GIVEN_BACK_PAUSE_NANOS = 600_000_000_000L;

  private final DomainRecord record;
  private final DomainTable table;
  private final ConnectionTokens tokens;
  private final ConnectionLimit limit;
  private final Scheduler scheduler;
  private final RecordRoute route;
  private final TimedEvent later;
  private final TimedEvent unbound;
  private final Patience patience;
  // Most records have few, and most of the time none.
  private final List<SessionSource> sessions = new ArrayList<>(1);
  private final ArrayDeque<SessionSource> idle = new ArrayDeque<>(1);
  private int connecting;
  private int woken;
  private int working;
  private boolean aheadAlways = true;
  private long aheadAgainNanos;
  private int allowed = 1;
  private int failures;
  private boolean waitsForHost;
  private boolean running;
  private boolean again;

  Maintainer(DomainRecord record, ConnectionTokens tokens) {
    this.record = record;
    this.table = record.table;
    this.tokens = tokens;
    this.limit = tokens.ofName.limit;
    this.scheduler = record.scheduler;
    this.route = new RecordRoute(record);
    this.later = TimedEvent.of(now -> record.maintain());
    this.unbound = TimedEvent.of(now -> limit.bearsAll());
    this.patience = new Patience(scheduler, record::maintain);
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
    return later.armed()
        || patience.isWaiting()
        || route.isSearching()
        || sessions.stream().anyMatch(SessionSource::comesAgain);
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
    if (policy.blackhole() && !record.name.isGateway() && !table.stopping()) {
      record.discardActive();
    }
    if (!table.stopping() && !policy.suspendDelivery()) {
      wakeIdle();
    }
    if (waitsForHost && demand() <= 0) {
      waitsForHost = false;
      route.stopWaiting();
    }
    if (!wantsConnection() || !open()) {
      tokens.giveUp();
    }
    patience.onServed();
  }

  private boolean wantsConnection() {
    // A claim that is in line stays there as long as anything waits.
    return (tokens.atRest() && !waitsForHost ? need() : demand()) > 0
        && sessions.size() < most()
        && !table.stopping()
        && !record.policy().suspendDelivery();
  }

  /** Opens what the queue deserves; true when it waits for a token. */
  private boolean open() {
    if (!table.neighbours.outcomesAreKept()) {
      lookAgainIn(Ledger.ROOM_WAIT_NANOS);
      return false;
    }
    return switch (route.inForce()) {
      case null -> false;
      case Route.Later _ -> {
        lookAgainIn(route.countsForNanos());
        yield false;
      }
      case Route.Nowhere(var outcome, _) -> {
        record.failActive(outcome);
        yield false;
      }
      case Route.Hosts _ -> openSome();
    };
  }

  private void lookAgainIn(long nanos) {
    scheduler.disarm(later);
    scheduler.arm(later, nanos);
  }

  private boolean openSome() {
    while (wantsConnection()) {
      var choice = route.choose();
      var host = choice.host();
      if (host == null) {
        if (choice.isOver() || route.isRoundOver()) {
          onRoundOver(route.lastFailure(), false);
          again = true;
        } else {
          waitsForHost = true;
          lookAgainIn(choice.waitNanos());
        }
        return false;
      }
      host.failuresSeen = RouteHost.NOT_WAITING;
      if (!tokens.take(sessions.size())) {
        return true;
      }
      connect(host);
    }
    return false;
  }

  private void connect(RouteHost host) {
    var target = new DeliveryTarget(record.name.host(), host.mx.host(), host.host.address);
    var session = new SessionSource(record, this, target, host);
    sessions.add(session);
    patience.onSession();
    table.onSessionOpened();
    var other = record.name.isGateway() ? null : host.host.idleOfOther(record);
    if (other == null || !other.moveTo(session)) {
      session.open(table.neighbours.method());
    }
  }

  private int most() {
    return Math.min(allowed, record.policy().maxOutboundConnections());
  }

  /** Waiting messages for which no session is on its way. */
  private int demand() {
    return record.active.size() - connecting - woken;
  }

  /** Those of them that the sessions at work will not come to in time. */
  private int need() {
    int waiting = demand();
    long limitNanos = record.policy().sessionPatienceNanos();
    if (waiting <= 0 || limitNanos == 0 || !route.hasOneBest()) {
      return waiting;
    }
    return patience.need(waiting, working, record.active.size(), limitNanos);
  }

  private void wakeIdle() {
    while (need() > 0) {
      var session = idle.pollFirst();
      if (session == null) {
        return;
      }
      patience.onSession();
      session.wake();
    }
  }

  void onState(SessionSource session, @Nullable State from, State to) {
    connecting += (to == State.CONNECTING ? 1 : 0) - (from == State.CONNECTING ? 1 : 0);
    woken += (to == State.WOKEN ? 1 : 0) - (from == State.WOKEN ? 1 : 0);
    working += (to == State.BUSY ? 1 : 0) - (from == State.BUSY ? 1 : 0);
    if (to == State.IDLE) {
      // The one that was busy last is woken first, so that surplus ones reach their idle timeout.
      idle.addFirst(session);
    } else if (from == State.IDLE && to != State.WOKEN) {
      idle.remove(session);
    }
  }

  void onReady() {
    limit.onReady(1);
    route.beginRound();
  }

  /** A session has taken a batch: perhaps nothing is left for another. */
  void onTaken(int count) {
    patience.onTaken(count);
    if (demand() <= 0) {
      tokens.giveUp();
    }
  }

  /** A session found nothing to take and is idle: it leaves at once if somebody waits. */
  void onIdle(SessionSource session) {
    tokens.giveUp();
    var caller = tokens.callsIdle();
    if (caller != null) {
      session.leave(caller);
    } else {
      table.onIdle(record);
    }
  }

  /** Has idle sessions leave that a limit asks for; false when no idle one is left. */
  boolean callIdle(ConnectionLimit caller) {
    while (true) {
      // The one that has been idle longest.
      var session = idle.peekLast();
      if (session == null) {
        return false;
      }
      if (!caller.callsIdle()) {
        return true;
      }
      session.leave(caller);
    }
  }

  /**
   * Has a session that is about to take a batch leave instead, if there are too many, or if it had
   * its quantum and somebody waits who has less than a share.
   */
  boolean letsGo(SessionSource session) {
    var caller = tokens.callsSurplus();
    if (caller == null && session.hadItsQuantum()) {
      caller = tokens.callsBusy(sessions.size());
    }
    if (caller != null) {
      session.leave(caller);
    }
    return caller != null;
  }

  /**
   * Whether a session that waits for the reply to a content may have its next message now: where
   * replies come at once, and nobody is to have its connection.
   */
  boolean looksAhead(SessionSource session) {
    var policy = record.policy();
    if (!patience.isQuick(policy.sessionPatienceNanos())
        || policy.suspendDelivery()
        || policy.blackhole()
        || table.stopping()) {
      return false;
    }
    boolean wanted = tokens.isWanted(session.hadItsQuantum());
    return !wanted && (aheadAlways || aheadAgainNanos - scheduler.nanoTime() <= 0);
  }

  /**
   * A message came back that was given ahead.
   *
   * @param orderly otherwise the other side cannot deal with it, or leaves, so none is given ahead
   *     for a while
   */
  void onGivenBack(boolean orderly) {
    if (!orderly) {
      aheadAlways = false;
      aheadAgainNanos = scheduler.nanoTime() + GIVEN_BACK_PAUSE_NANOS;
    }
    record.maintain();
  }

  /** A session has the outcomes of all that it took so long ago. */
  void onTurn(long nanos) {
    patience.onTurn(nanos);
  }

  /** The host takes mail: a session brought its first message to an end of its own. */
  void onProgress() {
    failures = 0;
    allowed = Math.min(record.policy().maxOutboundConnections(), allowed * 2);
    record.maintain();
  }

  /** A failure reaches the whole host or domain: no session goes on. */
  void onDomainFailure(SessionSource session, Reply reply) {
    onSessionFailure(session, reply);
    retireAll();
  }

  /**
   * A session is over.
   *
   * @param wasReady whether it ever became ready
   * @param leftFor the limit for whose sake it was closed; null for none
   * @param connectFailure why it never became ready; null when it did
   * @param sessionFailure why it brought nothing through; null when it did, or had nothing to do
   */
  void onClosed(
      SessionSource session,
      boolean wasReady,
      @Nullable ConnectionLimit leftFor,
      @Nullable Reply connectFailure,
      @Nullable Reply sessionFailure) {
    sessions.remove(session);
    if (sessions.isEmpty()) {
      allowed = 1;
    }
    if (wasReady) {
      limit.onReady(-1);
    }
    if (connectFailure != null) {
      onConnectFailure(session, connectFailure);
    } else if (sessionFailure != null) {
      onSessionFailure(session, sessionFailure);
    }
    tokens.release(leftFor);
    table.onSessionClosed();
    record.maintain();
  }

  private void onConnectFailure(SessionSource session, Reply reply) {
    boolean _ = backOff(session, reply);
    if (limit.ready() > 0 && !sessions.isEmpty()) {
      // Mail is being taken: nobody's turn is over, and a host that caps connections has its next.
      route.beginRound();
      return;
    }
    route.onFailure(session.host(), reply);
    if (route.isRoundOver()) {
      onRoundOver(reply, tooManyFailures(session.host().host));
    }
  }

  /** Each address had its turn in vain, or too many had. */
  private void onRoundOver(Reply reply, boolean tooMany) {
    int ready = limit.ready();
    if (ready > 0) {
      route.beginRound();
    } else {
      route.endRound();
    }
    if (ready > 0 && sessions.isEmpty()) {
      // The host takes mail, from other shards, and bears no more of us.
      limit.bears(ready);
      scheduler.arm(unbound, record.policy().hostFailureRetryNanos());
    } else if (ready == 0 && (sessions.isEmpty() || tooMany)) {
      record.failActive(new TransientFailure(reply, Scope.DOMAIN));
    }
  }

  private boolean tooManyFailures(HostRecord host) {
    return host.failures() >= record.policy().mxFailuresToDelay();
  }

  private void onSessionFailure(SessionSource session, Reply reply) {
    failures += backOff(session, reply) ? 1 : 0;
    if (failures >= record.policy().mxFailuresToDelay()) {
      record.failActive(new TransientFailure(reply, Scope.SESSION));
    }
  }

  /**
   * Connections that were opened together and fail together are one failure; true for the first.
   */
  private boolean backOff(SessionSource session, Reply reply) {
    table.counters.sessionFailures.increment();
    allowed = Math.max(1, sessions.size() - connecting);
    return session
        .host()
        .host
        .onFailure(record.policy(), session.begunNanos(), scheduler.nanoTime(), reply);
  }

  /** Follows new options: sessions above the limit finish, and all of a suspended record. */
  void onPolicy(DomainPolicy before) {
    var policy = record.policy();
    if (!policy.route().equals(before.route())) {
      route.forget();
    }
    limit.maximum(policy.maxOutboundConnections());
    allowed = Math.min(allowed, policy.maxOutboundConnections());
    if (policy.suspendDelivery() || policy.blackhole()) {
      retireAll();
    } else {
      callIdle(limit);
    }
  }

  /** A session may close, and leave the list, while it is retired. */
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
    route.close();
    patience.stop();
    scheduler.disarm(later);
    if (scheduler.disarm(unbound)) {
      limit.bearsAll();
    }
  }
}
