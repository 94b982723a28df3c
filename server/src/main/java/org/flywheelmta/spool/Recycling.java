package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;

/**
 * Sends segments on their way round: decides which are no longer needed, repeats further on what
 * they still hold, and has them blanked. Part of the commit thread.
 *
 * <p>What is repeated are states of transactions that live elsewhere, records that outlive their
 * segment, and, of a segment that {@link Compaction} chose, the records of living transactions. One
 * reader fetches all of them.
 */
@SingleThreadSafe
final class Recycling {
  // So many are looked at in each pass; of more the choice is made now and then.
  private static final int FEW_SEGMENTS = 256;
  private static final long CHOICE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Accounts accounts;
  private final DedupeAccounts keys;
  private final LogWriter writer;
  private final SegmentDuty segmentDuty;
  private final SpoolStatistics statistics;
  private final ByteBufAllocator allocator;
  private final int segmentBytes;
  private final Compaction compaction;
  private final ArrayDeque<Segment> retiring = new ArrayDeque<>();
  private final ArrayDeque<Request> restates = new ArrayDeque<>();
  private boolean skipped;
  private long nextChoiceNanos = Long.MIN_VALUE;

  Recycling(
      Accounts accounts,
      DedupeAccounts keys,
      LogWriter writer,
      SegmentDuty segmentDuty,
      SpoolStatistics statistics,
      ByteBufAllocator allocator,
      SpoolSettings settings) {
    this.accounts = accounts;
    this.keys = keys;
    this.writer = writer;
    this.segmentDuty = segmentDuty;
    this.statistics = statistics;
    this.allocator = allocator;
    this.segmentBytes = settings.segmentBytes();
    this.compaction = new Compaction(settings.upkeep());
  }

  void add(Request restate) {
    restates.add(restate);
  }

  boolean hasRestates() {
    return !restates.isEmpty();
  }

  /** True when the next one is still needed, so that repeating it takes room. */
  boolean takesRoom() {
    return restates.element() instanceof Request.Restate restate && isNeeded(restate);
  }

  private boolean isNeeded(Request.Restate restate) {
    return switch (restate.kind()) {
      case RecordHeader.OUTCOME -> !current(restate).isEmpty();
      case RecordHeader.TRANSACTION, RecordHeader.CHUNK -> isBody(restate);
      case RecordHeader.FOREIGN -> accounts.foreign().isAt(foreignKey(restate), restate.lsn());
      case RecordHeader.DEDUPE -> isKey(restate);
      default -> true;
    };
  }

  private static ForeignOutcome.Key foreignKey(Request.Restate restate) {
    return ForeignOutcome.decode(restate.id(), restate.payload()).key();
  }

  /** True when the next one is content, which has no claim to the last room of a full disk. */
  boolean isNextContent() {
    return restates.element() instanceof Request.Restate restate && isContent(restate);
  }

  private static boolean isContent(Request.Restate restate) {
    return restate.kind() == RecordHeader.TRANSACTION || restate.kind() == RecordHeader.CHUNK;
  }

  /** Leaves the next one where it is. */
  void skip() {
    skipped = true;
    if (restates.remove() instanceof Request.Restate restate) {
      drop(restate);
    }
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
          boolean isNeeded = isNeeded(restate);
          boolean isOutcome = restate.kind() == RecordHeader.OUTCOME;
          states += isOutcome ? current(restate).size() : 0;
          carried += isNeeded && !isOutcome ? 1 : 0;
          bytes += isNeeded ? roomFor(restate) : 0;
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

  private static long roomFor(Request.Restate restate) {
    return RecordHeader.recordBytes(restate.payload().readableBytes())
        + Facts.HEAD_BYTES
        + restate.fact().readableBytes();
  }

  /** At most how long the payload of the next restated record is. */
  int payloadBytes() {
    return restates.element() instanceof Request.Restate restate
        ? restate.payload().readableBytes()
        : 0;
  }

  /** At most how long the body of its fact is. */
  int factBytes() {
    return restates.element() instanceof Request.Restate restate
        ? restate.fact().readableBytes()
        : 0;
  }

  /**
   * Adds the next one to the batch, unless it is no longer needed.
   *
   * @return false after the last one of a segment
   */
  boolean addRestate() {
    var next = restates.remove();
    switch (next) {
      case Request.Restate restate when !isNeeded(restate) -> drop(restate);
      case Request.Restate restate -> repeat(restate);
      case Request.Restated done -> {
        var from = done.from();
        from.phase = Segment.Phase.CLOSED;
        // What could not be emptied is not tried again, unless it was for want of room.
        boolean left = !from.isWithoutBodies() || from.states + from.carried > 0;
        from.unreadable = !done.readable() || (left && !skipped);
        skipped = false;
        accounts.ease(from);
      }
      default -> throw Check.bug("no restated record");
    }
    return next instanceof Request.Restate;
  }

  private void drop(Request.Restate restate) {
    segmentDuty.taken(restate);
    restate.release();
  }

  private void repeat(Request.Restate restate) {
    segmentDuty.taken(restate);
    switch (restate.kind()) {
      case RecordHeader.OUTCOME -> restateOutcome(restate);
      case RecordHeader.TRANSACTION, RecordHeader.CHUNK -> move(restate);
      case RecordHeader.FOREIGN -> {
        var key = foreignKey(restate);
        long lsn = add(restate, restate.fact(), restate.payload());
        restate.fact().release();
        accounts.foreign().put(key, writer.active(), lsn);
      }
      default -> carryOn(restate);
    }
  }

  /**
   * The entries that are still the state of a recipient whose transaction lives elsewhere, or will
   * once its segment has been emptied.
   */
  private List<OutcomeCodec.Entry> current(Request.Restate restate) {
    int handle = accounts.find(restate.id());
    if (handle == Residences.NONE) {
      return List.of();
    }
    var residences = accounts.residences();
    boolean goesAlong =
        accounts.homeSegment(handle) == restate.from() && !residences.isLiving(handle);
    if (goesAlong) {
      return List.of();
    }
    var current = new ArrayList<OutcomeCodec.Entry>();
    for (var entry : OutcomeCodec.decode(restate.payload().duplicate())) {
      int recipient = entry.recipient();
      // An older state restated would get a later LSN than the newer one, and win over it.
      if (recipient < residences.recipients(handle)
          && residences.stateLsn(handle, recipient) == restate.lsn()) {
        current.add(entry);
      }
    }
    return current;
  }

  private void restateOutcome(Request.Restate restate) {
    int handle = accounts.find(restate.id());
    var current = current(restate);
    restate.release();
    var fact = FactCodec.ofOutcome(current);
    long lsn = add(restate, fact, OutcomeCodec.encode(allocator, current));
    fact.release();
    for (var entry : current) {
      accounts.restated(handle, entry.recipient(), lsn);
    }
  }

  /** Whether the record is still the one that a living transaction has its content in. */
  private boolean isBody(Request.Restate restate) {
    int handle = accounts.find(restate.id());
    if (handle == Residences.NONE || !accounts.residences().isLiving(handle)) {
      return false;
    }
    if (restate.kind() == RecordHeader.TRANSACTION) {
      return accounts.isHome(handle, restate.from(), restate.position());
    }
    var chunks = accounts.residences().chunks(handle);
    int index = restate.number();
    return index < chunks.size()
        && chunks.get(index).segment() == restate.from()
        && chunks.get(index).position() == restate.position();
  }

  private void move(Request.Restate restate) {
    int handle = accounts.find(restate.id());
    var from =
        restate.kind() == RecordHeader.TRANSACTION
            ? accounts.home(handle)
            : accounts.residences().chunks(handle).get(restate.number());
    var to = from.movedTo(writer.active(), writer.nextPosition());
    add(restate, restate.fact(), restate.payload());
    restate.fact().release();
    statistics.moved(to.bytes());
    if (restate.kind() == RecordHeader.TRANSACTION) {
      accounts.moved(handle, to);
    } else {
      accounts.movedChunk(handle, restate.number(), to);
    }
  }

  /** Whether the record is still the one that tells of a dedupe key. */
  private boolean isKey(Request.Restate restate) {
    var key = FactCodec.ownKey(restate.fact());
    return key == null || keys.livesIn(restate.from(), key, restate.id());
  }

  private void carryOn(Request.Restate restate) {
    boolean isKey = restate.kind() == RecordHeader.DEDUPE;
    var key = isKey ? FactCodec.ownKey(restate.fact()) : null;
    add(restate, restate.fact(), restate.payload());
    restate.fact().release();
    if (key != null) {
      keys.moved(key, writer.active());
      return;
    }
    restate.from().carried--;
    writer.active().carried++;
  }

  private long add(Request.Restate restate, ByteBuf fact, ByteBuf payload) {
    int flags = restate.flags() | RecordHeader.RESTATED;
    return writer.add(restate.kind(), flags, restate.id(), restate.number(), fact, payload);
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
    return !segment.unreadable && segment.neededBytes() <= segmentBytes / 4;
  }

  /**
   * Chooses a segment to be compacted where one is to be, and looks for what survives in it.
   *
   * @param mayBegin false while there is no room for it
   * @return true when it is to be called again soon
   */
  boolean compact(boolean mayBegin, long nowNanos) {
    if (!compaction.isCollecting()) {
      if (!mayBegin || segmentDuty.isCompacting()) {
        return false;
      }
      if (accounts.segmentsInUse() > FEW_SEGMENTS && nowNanos < nextChoiceNanos) {
        return true;
      }
      nextChoiceNanos = nowNanos + CHOICE_NANOS;
      compaction.choose(accounts, writer.lastLsn());
    }
    if (!compaction.isCollecting()) {
      return false;
    }
    var positions = compaction.collect(accounts);
    if (positions == null) {
      return true;
    }
    segmentDuty.compact(compaction.take(), positions);
    statistics.compacted();
    return false;
  }

  void clear() {
    for (var request : restates) {
      if (request instanceof Request.Restate restate) {
        restate.release();
      }
    }
    restates.clear();
  }
}
