package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;

/**
 * Sends segments on their way round: decides which are no longer needed, repeats further on what
 * they still hold for others, and has them blanked. Part of the commit thread.
 *
 * <p>Compaction, which moves few living transactions out of a segment, has its place here, beside
 * {@link #advance}: it restates transactions as this restates states.
 */
@SingleThreadSafe
final class Recycling {
  // A state takes about so much when it is repeated.
  private static final int STATE_BYTES = 192;

  private final Accounts accounts;
  private final LogWriter writer;
  private final SegmentDuty segmentDuty;
  private final ByteBufAllocator allocator;
  private final int segmentBytes;
  private final ArrayDeque<Segment> retiring = new ArrayDeque<>();
  private final ArrayDeque<Request> restates = new ArrayDeque<>();

  Recycling(
      Accounts accounts,
      LogWriter writer,
      SegmentDuty segmentDuty,
      ByteBufAllocator allocator,
      int segmentBytes) {
    this.accounts = accounts;
    this.writer = writer;
    this.segmentDuty = segmentDuty;
    this.allocator = allocator;
    this.segmentBytes = segmentBytes;
  }

  void add(Request restate) {
    restates.add(restate);
  }

  boolean hasRestates() {
    return !restates.isEmpty();
  }

  /** True when the next one is still someone's state, so that repeating it takes room. */
  boolean takesRoom() {
    return restates.element() instanceof Request.Restate restate
        && (restate.kind() != RecordHeader.OUTCOME || !current(restate).isEmpty());
  }

  /**
   * At most how many octets the records take that empty the next segment for good; -1 where that is
   * more than {@code limit}, or they have not all been read, or would not empty it.
   */
  long bytesToEmptyNext(long limit) {
    long bytes = 0;
    int states = 0;
    int carried = 0;
    for (var request : restates) {
      switch (request) {
        case Request.Restate restate -> {
          boolean isOutcome = restate.kind() == RecordHeader.OUTCOME;
          int current = isOutcome ? current(restate).size() : 1;
          states += isOutcome ? current : 0;
          carried += isOutcome ? 0 : 1;
          bytes += current > 0 ? RecordHeader.recordBytes(restate.payload().readableBytes()) : 0;
          if (bytes > limit) {
            return -1;
          }
        }
        case Request.Restated done -> {
          var from = done.from();
          boolean empties = states == from.states && carried == from.carried;
          return done.readable() && empties && from.isWithoutBodies() ? bytes : -1;
        }
        default -> throw Check.bug("no restated record");
      }
    }
    return -1;
  }

  /** At most how long the payload of the next restated record is. */
  int payloadBytes() {
    return restates.element() instanceof Request.Restate restate
        ? restate.payload().readableBytes()
        : 0;
  }

  /** A segment was closed: its content may have been finished before that. */
  void onRoll() {
    accounts.easeClosed();
  }

  /**
   * Adds the next one to the batch, unless it is no longer anyone's state.
   *
   * @return false after the last one of a segment
   */
  boolean addRestate() {
    var next = restates.remove();
    switch (next) {
      case Request.Restate restate when restate.kind() == RecordHeader.OUTCOME ->
          restateOutcome(restate);
      case Request.Restate restate -> carryOn(restate);
      case Request.Restated done -> {
        var from = done.from();
        from.phase = Segment.Phase.CLOSED;
        from.unreadable = !done.readable() || from.states > 0 || from.carried > 0;
        accounts.ease(from);
      }
      default -> throw Check.bug("no restated record");
    }
    return next instanceof Request.Restate;
  }

  /** The entries that are still the state of a recipient whose transaction lives elsewhere. */
  private List<OutcomeCodec.Entry> current(Request.Restate restate) {
    var residence = accounts.residence(restate.id());
    if (residence == null || residence.home.segment() == restate.from()) {
      return List.of();
    }
    var current = new ArrayList<OutcomeCodec.Entry>();
    for (var entry : OutcomeCodec.decode(restate.payload().duplicate())) {
      // An older state restated would get a later LSN than the newer one, and win over it.
      if (residence.stateLsn(entry.recipient()) == restate.lsn()) {
        current.add(entry);
      }
    }
    return current;
  }

  private void restateOutcome(Request.Restate restate) {
    var residence = accounts.residence(restate.id());
    var current = current(restate);
    restate.payload().release();
    if (residence == null || current.isEmpty()) {
      return;
    }
    long lsn = add(restate, OutcomeCodec.encode(allocator, current));
    for (var entry : current) {
      accounts.restated(residence, entry.recipient(), lsn);
    }
  }

  private void carryOn(Request.Restate restate) {
    add(restate, restate.payload());
    restate.from().carried--;
    writer.active().carried++;
  }

  private long add(Request.Restate restate, ByteBuf payload) {
    TransactionId id = restate.id();
    int flags = restate.flags() | RecordHeader.RESTATED;
    return writer.add(restate.kind(), flags, id.high(), id.low(), payload);
  }

  /** Moves on what can move on. */
  void advance() {
    for (var segment : accounts.takeEased()) {
      if (segment.phase != Segment.Phase.CLOSED || !segment.isWithoutBodies()) {
        continue;
      }
      if (segment.states == 0 && segment.carried == 0) {
        segment.phase = Segment.Phase.RETIRING;
        // The outcomes and restatements that emptied it may be written and not forced: blanked
        // now, a power cut would take both.
        segment.freeAfterLsn = writer.lastLsn();
        retiring.add(segment);
      } else if (isWorthRestating(segment)) {
        segment.phase = Segment.Phase.RESTATING;
        segmentDuty.restate(segment);
      }
    }
    while (!retiring.isEmpty() && retiring.element().freeAfterLsn <= writer.forcedLsn()) {
      segmentDuty.retire(retiring.remove());
    }
  }

  /** Repeating many states for little room gained would write them round and round. */
  private boolean isWorthRestating(Segment segment) {
    long bytes = (long) STATE_BYTES * (segment.states + segment.carried);
    return !segment.unreadable && bytes <= segmentBytes / 4;
  }

  void clear() {
    for (var request : restates) {
      if (request instanceof Request.Restate restate) {
        restate.payload().release();
      }
    }
    restates.clear();
  }

  /** Segments that wait for a force before they are blanked. */
  List<Segment> retiring() {
    return List.copyOf(retiring);
  }
}
