package org.flywheelmta.spool;

import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Duty;

/** Outcomes that wait to be added to the log. Part of the commit thread. */
@SingleThreadSafe
final class OutcomeQueue {
  static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Accounts accounts;
  private final LogWriter writer;
  private final LogRoom room;
  private final ByteBufAllocator allocator;
  private final ArrayDeque<Request.Outcome> waiting = new ArrayDeque<>();
  private long nowNanos;
  private long oldestNanos;
  // They found no room in this pass; a request that makes room wakes them.
  private boolean held;

  OutcomeQueue(Accounts accounts, LogWriter writer, LogRoom room, ByteBufAllocator allocator) {
    this.accounts = accounts;
    this.writer = writer;
    this.room = room;
    this.allocator = allocator;
  }

  /** A pass begins. */
  void begin(long now) {
    nowNanos = now;
    held = false;
  }

  void add(Request.Outcome outcome) {
    if (waiting.isEmpty()) {
      oldestNanos = nowNanos;
    }
    waiting.add(outcome);
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
      var request = waiting.element();
      int handle = accounts.find(request.id());
      int recipient = request.recipient();
      var residences = accounts.residences();
      if (handle != Residences.NONE && residences.isWaiting(handle, recipient)) {
        // Each state stands for all earlier ones, so that the segments of those may go.
        var state = request.outcome().amending(residences.amended(handle, recipient));
        var entries = List.of(new OutcomeCodec.Entry(recipient, state));
        int bytes = OutcomeCodec.maxBytes(entries);
        if (room.make(bytes, FactCodec.bytes(entries), true) != LogRoom.Answer.READY) {
          held = true;
          return;
        }
        var payload = OutcomeCodec.encode(allocator, entries);
        var fact = FactCodec.ofOutcome(entries);
        long lsn = writer.add(RecordHeader.OUTCOME, 0, request.id(), 0, fact, payload);
        fact.release();
        accounts.state(handle, recipient, lsn, state.kind().isFinal(), state.fields());
      }
      waiting.remove();
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
