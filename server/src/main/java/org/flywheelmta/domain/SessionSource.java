package org.flywheelmta.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Outcome.Delivered;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.domain.Outcome.Unknown;
import org.flywheelmta.domain.Waiting.Place;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.net.PeerText;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/**
 * The record's side of one delivery session: gives it batches, one at a time, and takes their
 * outcomes.
 *
 * <p>A batch is <em>prepared</em> first: taken from the queue, read back where only the spool has
 * it, its slots in the event ring reserved. A session that asks in the meantime is told that there
 * is nothing, and woken later. A session that closes in the meantime costs nothing: the batch goes
 * back to the head of the queue.
 */
@NonThreadSafe(checked = true)
final class SessionSource implements DeliverySource {
  /**
   * How long a session may have messages, be connecting or not follow a call, without reporting
   * anything. Longer than any timeout of a protocol, so it is reached only by a defect. It is
   * retired then, and aborted when that brings nothing in the same time again.
   */
  static final long STUCK_NANOS = 1_800_000_000_000L;

  /** How long a session has its connection before it makes way for others. */
  static final long QUANTUM_NANOS = 1_000_000_000;

  /** How long one that was retired and has no batch may take to close. */
  static final long GOODBYE_NANOS = 1_000_000_000;

  /** Where a session stands. */
  enum State {
    CONNECTING,
    /** Has a batch, or is about to ask for one by itself. */
    BUSY,
    /** Asked in vain and waits to be woken. */
    IDLE,
    /** Was woken and has not asked yet. */
    WOKEN,
    /** Waits until its batch can begin, or for its end. */
    HELD,
    CLOSED
  }

  private static final Reply NOTHING_TAKEN =
      new Reply("connect", 0, "4.4.2", "connection closed before it took a message");

  private final Scheduler scheduler;
  private final DomainRecord record;
  private final Maintainer maintainer;
  private final DeliveryTarget target;
  private final RouteHost host;
  private final long begunNanos;
  private final BatchContent content;
  private final TimedEvent later = TimedEvent.of(now -> wake());
  private final TimedEvent watchdog = TimedEvent.of(this::onWatchdog);
  private final TimedEvent goodbye = TimedEvent.of(now -> abort());
  private final List<Waiting> prepared = new ArrayList<>();
  private final List<Waiting> batch = new ArrayList<>();
  private @Nullable DeliverySession session;
  private Via via;
  private State state = State.CONNECTING;
  private boolean retired;
  private boolean asked;
  // Its connection has brought mail of others through, and may be closed for having been idle.
  private boolean adopted;
  private boolean progressed;
  private @Nullable Reply sessionFailure;
  private long progressNanos;
  private boolean ready;
  private long readyNanos;
  private @Nullable ConnectionLimit leavesFor;
  private long turnBegunNanos;
  // How many messages of the turn have no outcome.
  private int turn;

  SessionSource(DomainRecord record, Maintainer maintainer, DeliveryTarget target, RouteHost host) {
    this.scheduler = record.scheduler;
    this.record = record;
    this.maintainer = maintainer;
    this.target = target;
    this.host = host;
    this.via = new Via(PeerText.of(target.address()), 0, null);
    this.content = new BatchContent(record, prepared, this::onContent);
    this.begunNanos = scheduler.nanoTime();
    this.progressNanos = begunNanos;
    host.load.sessions++;
    countState(null, State.CONNECTING);
  }

  /** Where it goes. */
  RouteHost host() {
    return host;
  }

  /** When its connection was begun, or taken over. */
  long begunNanos() {
    return begunNanos;
  }

  boolean belongsTo(DomainRecord other) {
    return record == other;
  }

  private void countState(@Nullable State from, State to) {
    host.host.onConnecting((to == State.CONNECTING ? 1 : 0) - (from == State.CONNECTING ? 1 : 0));
    if (!record.name.isGateway()) {
      if (from == State.IDLE) {
        host.host.onNoLongerIdle(this);
      } else if (to == State.IDLE) {
        host.host.onIdle(this);
      }
    }
    maintainer.onState(this, from, to);
  }

  /**
   * Gives an idle session to the source of another record.
   *
   * @return false when the session stays: its options are not those that the other asks for
   */
  boolean moveTo(SessionSource other) {
    var moving = session;
    if (state != State.IDLE || moving == null || !moving.adopt(other.target, other)) {
      return false;
    }
    end(null, null);
    other.takeOver(moving);
    return true;
  }

  private void takeOver(DeliverySession moved) {
    scheduler.arm(watchdog, STUCK_NANOS);
    onReady(moved);
    asked = true;
    adopted = true;
    become(State.IDLE);
    wake();
  }

  void open(DeliveryMethod method) {
    scheduler.arm(watchdog, STUCK_NANOS);
    var opened = method.open(scheduler, target, this);
    if (state == State.CLOSED) {
      return;
    }
    session = opened;
    if (retired) {
      opened.retire();
    }
  }

  private void become(State next) {
    var from = state;
    state = next;
    countState(from, next);
  }

  /** Wakes a session that is idle or held; others ask by themselves. */
  void wake() {
    if (session != null && (state == State.IDLE || state == State.HELD)) {
      become(State.WOKEN);
      if (!session.wake()) {
        // It is on its way out already.
        retire();
      }
    }
  }

  boolean hadItsQuantum() {
    return scheduler.nanoTime() - readyNanos >= QUANTUM_NANOS;
  }

  /** Ends a session that has no batch, soon, so that a limit gets its connection back. */
  void leave(ConnectionLimit limit) {
    Check.that(leavesFor == null && batch.isEmpty(), "a session leaves that cannot");
    leavesFor = limit;
    retire();
  }

  void retire() {
    if (!retired && state != State.CLOSED) {
      retired = true;
      progressNanos = scheduler.nanoTime();
      if (state == State.IDLE || state == State.WOKEN) {
        // It is on its way out and would not hear that it is woken.
        become(State.HELD);
      }
      awaitGoodbye();
      if (session != null) {
        session.retire();
      }
    }
  }

  private void awaitGoodbye() {
    if (retired && batch.isEmpty() && !goodbye.armed()) {
      scheduler.arm(goodbye, GOODBYE_NANOS);
    }
  }

  /** Ends the session at once, as if its connection broke. */
  void abort() {
    if (state != State.CLOSED) {
      retired = true;
      if (session != null) {
        session.abort();
      }
    }
  }

  /** True when the session asks for messages, or ends, by itself. */
  boolean comesAgain() {
    return state != State.IDLE && state != State.CLOSED;
  }

  /** True when it is held, or open, and nothing will ever go on with it. */
  boolean isForgotten() {
    boolean held = state == State.HELD && !retired && !content.isLoading() && !later.armed();
    return held || (state != State.CLOSED && !watchdog.armed());
  }

  void forEach(Consumer<Waiting> visitor) {
    prepared.forEach(visitor);
    batch.forEach(visitor);
  }

  @Override
  public void onReady(DeliverySession opened) {
    scheduler.check();
    session = opened;
    via = new Via(via.peer(), opened.connectionId(), opened.tls());
    progressNanos = scheduler.nanoTime();
    readyNanos = progressNanos;
    ready = true;
    host.load.ready++;
    maintainer.onReady();
    become(State.BUSY);
  }

  @Override
  public @Nullable List<Message> next(DeliverySession asking) {
    scheduler.check();
    Check.that(batch.isEmpty(), "a session asks for more before it reported all outcomes");
    session = asking;
    asked = true;
    if (retired || content.isLoading()) {
      become(State.HELD);
      return null;
    }
    if (prepared.isEmpty()) {
      if (maintainer.letsGo(this)) {
        return hold();
      }
      boolean sure = record.take(prepared);
      if (prepared.isEmpty()) {
        return nothing(sure);
      }
      maintainer.onTaken(prepared.size());
    }
    return content.complete() ? begin() : hold();
  }

  @Override
  public @Nullable Message ahead(DeliverySession asking) {
    scheduler.check();
    boolean may = !retired && progressed && prepared.isEmpty() && maintainer.looksAhead(this);
    var waiting = may ? record.takeAhead() : null;
    if (waiting == null) {
      return null;
    }
    batch.add(waiting);
    maintainer.onTaken(1);
    return waiting.message();
  }

  @Override
  public void giveBack(DeliverySession giving, Message message, boolean orderly) {
    scheduler.check();
    progressNanos = scheduler.nanoTime();
    record.giveBack(takeFromBatch(message));
    awaitGoodbye();
    maintainer.onGivenBack(orderly);
  }

  private @Nullable List<Message> nothing(boolean sure) {
    if (!sure) {
      scheduler.arm(later, Ledger.ROOM_WAIT_NANOS);
    }
    become(sure ? State.IDLE : State.HELD);
    if (sure) {
      maintainer.onIdle(this);
    }
    return null;
  }

  private @Nullable List<Message> hold() {
    become(State.HELD);
    return null;
  }

  private @Nullable List<Message> begin() {
    if (!record.table.ledger.reserve(prepared.size())) {
      scheduler.arm(later, Ledger.ROOM_WAIT_NANOS);
      return hold();
    }
    var messages = new ArrayList<Message>(prepared.size());
    for (var waiting : prepared) {
      waiting.move(Place.PREPARED, Place.DELIVERING, record.table.totals);
      var message = waiting.message();
      message.advance(Stage.QUEUED, Stage.DELIVERING);
      messages.add(message);
    }
    batch.addAll(prepared);
    record.onDelivering(prepared.size());
    prepared.clear();
    progressNanos = scheduler.nanoTime();
    beginTurn();
    become(State.BUSY);
    return messages;
  }

  /** What it has now is its turn; what it is given ahead belongs to the next one. */
  private void beginTurn() {
    turn = batch.size();
    turnBegunNanos = progressNanos;
  }

  @Override
  public void onOutcome(DeliverySession reporting, Message message, Outcome outcome) {
    scheduler.check();
    progressNanos = scheduler.nanoTime();
    var waiting = takeFromBatch(message);
    waiting.move(Place.DELIVERING, Place.NONE, record.table.totals);
    record.onDelivering(-1);
    record.settle(waiting, outcome, via);
    switch (scope(outcome)) {
      case MESSAGE -> {
        if (turn > 0 && --turn == 0) {
          maintainer.onTurn(progressNanos - turnBegunNanos);
          beginTurn();
        }
        if (!progressed) {
          progressed = true;
          host.host.onProgress();
          maintainer.onProgress();
        }
      }
      case SESSION -> sessionFailure = outcome.reply();
      case DOMAIN -> {
        if (!retired) {
          maintainer.onDomainFailure(this, outcome.reply());
        }
      }
    }
    awaitGoodbye();
  }

  private static Scope scope(Outcome outcome) {
    return switch (outcome) {
      case TransientFailure failure -> failure.scope();
      // A reply that never came ended the session.
      case Unknown _ -> Scope.SESSION;
      case Delivered _, PermanentFailure _ -> Scope.MESSAGE;
    };
  }

  /** Outcomes mostly come in the order of the batch, so the first is looked at first. */
  private Waiting takeFromBatch(Message message) {
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i).inMemory() == message) {
        return batch.remove(i);
      }
    }
    throw Check.bug("an outcome for a message that the session does not have");
  }

  @Override
  public void onClosed(DeliverySession closed, @Nullable Outcome failure) {
    scheduler.check();
    Check.that(state != State.CLOSED, "a session closes twice");
    Check.that(batch.isEmpty(), "a session closes before it reported all outcomes");
    var fruitless = progressed || adopted || retired ? null : sessionFailure;
    if (failure == null && !asked && !retired) {
      fruitless = NOTHING_TAKEN;
    }
    // A session that was retired while it connected says nothing of its host.
    end(failure == null || retired ? null : failure.reply(), fruitless);
  }

  private void end(@Nullable Reply connectFailure, @Nullable Reply sessionFailure) {
    scheduler.disarm(later);
    scheduler.disarm(watchdog);
    scheduler.disarm(goodbye);
    record.putBack(prepared);
    become(State.CLOSED);
    host.load.sessions--;
    host.load.ready -= ready ? 1 : 0;
    maintainer.onClosed(this, ready, leavesFor, connectFailure, sessionFailure);
  }

  private void onContent(BatchContent.End end) {
    if (end instanceof BatchContent.Loaded) {
      wake();
      return;
    }
    var left = new ArrayList<Waiting>();
    for (var waiting : prepared) {
      if (record.table.ledger.reserve(1)) {
        waiting.move(Place.PREPARED, Place.NONE, record.table.totals);
        settleWithoutContent(waiting, end);
      } else {
        left.add(waiting);
      }
    }
    prepared.clear();
    if (left.isEmpty()) {
      wake();
    } else {
      record.putBack(left);
      scheduler.arm(later, Ledger.ROOM_WAIT_NANOS);
    }
  }

  private void settleWithoutContent(Waiting waiting, BatchContent.End end) {
    switch (end) {
      case BatchContent.Loaded _ -> throw Check.bug("a batch was loaded without its content");
      case BatchContent.Failed(var outcome) -> record.settle(waiting, outcome, Via.NONE);
      case BatchContent.Unread(var why) -> {
        if (why.again()) {
          record.table.ledger.giveBack(1);
          record.postpone(waiting);
        } else {
          record.lose(waiting, why.reason());
        }
      }
    }
  }

  private void onWatchdog(long nowNanos) {
    long quiet = nowNanos - progressNanos;
    boolean owes = retired || state == State.CONNECTING || state == State.WOKEN || !batch.isEmpty();
    if (owes && quiet >= STUCK_NANOS) {
      progressNanos = nowNanos;
      onStuck();
      if (state == State.CLOSED) {
        return;
      }
    }
    long next = owes ? STUCK_NANOS - (nowNanos - progressNanos) : STUCK_NANOS;
    scheduler.arm(watchdog, Math.max(0, next));
  }

  private void onStuck() {
    record.table.counters.stuckSessions.increment();
    var what = "a session to " + via.peer() + " for " + record.name + " reports nothing; ";
    var operator = record.table.neighbours.operator();
    if (retired) {
      operator.error(what + "aborting it");
      abort();
    } else {
      operator.error(what + "retiring it");
      retire();
    }
  }
}
