package org.flywheelmta.spool;

import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Duty;

/**
 * Outcomes that wait to be added to the log: of transactions here, and of those on a volume that
 * has failed. Part of the commit thread.
 */
@SingleThreadSafe
final class OutcomeQueue {
  static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Accounts accounts;
  private final LogWriter writer;
  private final LogRoom room;
  private final ByteBufAllocator allocator;
  private final Volumes volumes;
  private final int volume;
  private final ArrayDeque<Request.State> waiting = new ArrayDeque<>();
  // What another volume would have to keep if this one failed before the next force.
  private final ArrayDeque<Unforced> unforced = new ArrayDeque<>();
  private long nowNanos;
  private long oldestNanos;
  // They found no room in this pass; a request that makes room wakes them.
  private boolean held;

  private record Unforced(long lsn, ForeignOutcome outcome) {}

  /**
   * @param volume which one of {@code volumes} this is
   */
  OutcomeQueue(
      Accounts accounts,
      LogWriter writer,
      LogRoom room,
      ByteBufAllocator allocator,
      Volumes volumes,
      int volume) {
    this.accounts = accounts;
    this.writer = writer;
    this.room = room;
    this.allocator = allocator;
    this.volumes = volumes;
    this.volume = volume;
  }

  /** A pass begins. */
  void begin(long now) {
    nowNanos = now;
    held = false;
    while (!unforced.isEmpty() && unforced.element().lsn() <= writer.forcedLsn()) {
      unforced.remove();
    }
  }

  void add(Request.State state) {
    if (state instanceof Request.Outcome outcome
        && volumes.areSeveral()
        && accounts.find(outcome.id()) == Residences.NONE) {
      // At once, so that what is asked for after it comes after it there too.
      volumes.passOn(volume, outcome);
      return;
    }
    if (waiting.isEmpty()) {
      oldestNanos = nowNanos;
    }
    waiting.add(state);
  }

  int size() {
    return waiting.size();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** True when they have waited for a batch to go along with for long enough. */
  boolean isDue() {
    return nowNanos - oldestNanos >= WAIT_NANOS;
  }

  /** True when there are some, and room for them was not missed in this pass. */
  boolean isReady() {
    return !waiting.isEmpty() && !held;
  }

  /** How long none is due. */
  long delayNanos() {
    return isReady() ? oldestNanos + WAIT_NANOS - nowNanos : Duty.UNTIL_WOKEN;
  }

  /** Adds to the batch what goes into it. */
  void addToBatch() throws DiskFailure {
    while (!waiting.isEmpty() && !writer.isBatchFull()) {
      boolean added =
          switch (waiting.element()) {
            case Request.Outcome outcome -> add(outcome);
            case Request.Foreign foreign -> add(foreign.outcome());
          };
      if (!added) {
        held = true;
        return;
      }
      waiting.remove();
    }
  }

  /** False when there is no room for it. */
  private boolean add(Request.Outcome request) throws DiskFailure {
    int handle = accounts.find(request.id());
    int recipient = request.recipient();
    var residences = accounts.residences();
    if (handle == Residences.NONE || !residences.isWaiting(handle, recipient)) {
      return true;
    }
    // Each state stands for all earlier ones, so that the segments of those may go.
    var state = request.outcome().amending(residences.amended(handle, recipient));
    var entries = List.of(new OutcomeCodec.Entry(recipient, state));
    int bytes = OutcomeCodec.maxBytes(entries);
    if (room.make(bytes, FactCodec.bytes(entries), true) != LogRoom.Answer.READY) {
      return false;
    }
    var payload = OutcomeCodec.encode(allocator, entries);
    var fact = FactCodec.ofOutcome(entries);
    long lsn = writer.add(RecordHeader.OUTCOME, 0, request.id(), 0, fact, payload);
    fact.release();
    accounts.state(handle, recipient, lsn, state.kind().isFinal(), state.fields());
    if (volumes.areSeveral()) {
      var key = new ForeignOutcome.Key(request.id(), recipient);
      unforced.add(new Unforced(lsn, new ForeignOutcome(key, lsn, state)));
    }
    return true;
  }

  private boolean add(ForeignOutcome outcome) throws DiskFailure {
    int bytes = outcome.maxBytes();
    if (room.make(bytes, bytes, true) != LogRoom.Answer.READY) {
      return false;
    }
    var payload = outcome.encode(allocator);
    // It is its own fact.
    var id = outcome.key().id();
    long lsn = writer.add(RecordHeader.FOREIGN, 0, id, 0, payload, payload);
    accounts.foreign().put(outcome.key(), writer.active(), lsn);
    unforced.add(new Unforced(lsn, outcome));
    return true;
  }

  /**
   * The volume has failed: another one keeps what is not durable here, and all that comes later.
   * The accounts go on, so that each state still stands for all earlier ones.
   */
  void keepElsewhere() {
    unforced.forEach(each -> volumes.keep(volume, each.outcome()));
    unforced.clear();
    for (var state : waiting) {
      switch (state) {
        case Request.Outcome outcome -> keepElsewhere(outcome);
        case Request.Foreign foreign -> volumes.keep(volume, foreign.outcome());
      }
    }
    waiting.clear();
  }

  private void keepElsewhere(Request.Outcome request) {
    int handle = accounts.find(request.id());
    int recipient = request.recipient();
    var residences = accounts.residences();
    if (handle != Residences.NONE && residences.isWaiting(handle, recipient)) {
      var state = request.outcome().amending(residences.amended(handle, recipient));
      long lsn = writer.takeLsn();
      residences.setState(handle, recipient, lsn, state.kind().isFinal());
      residences.setAmended(handle, recipient, state.fields());
      var key = new ForeignOutcome.Key(request.id(), recipient);
      volumes.keep(volume, new ForeignOutcome(key, lsn, state));
    }
  }

  /**
   * The record of a transaction is the outcome of another's message too.
   *
   * @param lsn of that record
   */
  void settle(Settlement settlement, long lsn) {
    int handle = accounts.find(settlement.id());
    int recipient = settlement.recipient();
    var residences = accounts.residences();
    if (handle == Residences.NONE || !residences.isWaiting(handle, recipient)) {
      throw Check.bug("a message is settled that does not wait");
    }
    var state = settlement.outcome().amending(residences.amended(handle, recipient));
    accounts.state(handle, recipient, lsn, state.kind().isFinal(), state.fields());
    if (!state.kind().isFinal() && !state.equals(settlement.outcome())) {
      // It does not say all that earlier outcomes changed, and their segments may go: this does.
      waiting.add(new Request.Outcome(settlement.id(), recipient, state));
    }
  }

  void clear() {
    waiting.clear();
  }
}
