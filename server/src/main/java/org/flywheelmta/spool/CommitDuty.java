package org.flywheelmta.spool;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Duty;
import org.flywheelmta.scheduler.ThreadPool;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * The commit thread of a volume. A pass takes what has arrived, writes it as one batch, forces it
 * once, and then completes it: what arrives during the force is the next batch, so the busier the
 * volume, the larger the batches, without a timer.
 *
 * <p>It owns the end of the log and the accounts; nobody else touches them.
 */
@SingleThreadSafe
final class CommitDuty implements Duty {
  static final long OUTCOME_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  static final long FORCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  static final long MARK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long STATISTICS_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long COMPACTION_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int REQUESTS_PER_PASS = 16 * 1024;
  // So many records of a full batch are left to what recycling repeats, so that it never starves.
  private static final int MOVED_SLOTS = 64;

  private enum Room {
    READY,
    /** A segment is being made. */
    LATER,
    /** None can be made. */
    NONE
  }

  private final SpoolSettings settings;
  private final MpscUnboundedArrayQueue<Request> requests;
  private final Limit waiting;
  private final LogWriter writer;
  private final SegmentDuty segmentDuty;
  private final SpoolStatistics statistics;
  private final ByteBufAllocator allocator;
  private final OperatorLog log;
  private final Accounts accounts = new Accounts();
  private final Recycling recycling;
  private final Completions completions = new Completions();
  private final Reads reads;
  private final Map<TransactionId, OpenChunks> open = new HashMap<>();

  private final ArrayDeque<Request.Writing> writing = new ArrayDeque<>();
  private final ArrayDeque<Request.Outcome> outcomes = new ArrayDeque<>();
  private final List<Request.Commit> unforcedCommits = new ArrayList<>();
  private final List<Request.Append> unwrittenChunks = new ArrayList<>();

  private long nowNanos;
  private long oldestOutcomeNanos;
  private long unforcedSinceNanos;
  private long lastWriteNanos;
  private boolean markDue;
  private boolean waitingForSegment;
  // Outcomes and restates that found no room in this pass; a request that makes room wakes them.
  private boolean outcomesHeld;
  private boolean restatesHeld;
  private boolean exhausted;
  private boolean recovered;
  private boolean compacting;
  private volatile boolean sealed;
  private volatile int segmentsInUse;
  private long statisticsNanos;
  private boolean finishing;
  private volatile Admission.Level level = Admission.Level.OPEN;

  CommitDuty(
      SpoolSettings settings,
      MpscUnboundedArrayQueue<Request> requests,
      Limit waiting,
      LogWriter writer,
      SegmentDuty segmentDuty,
      ThreadPool readers,
      ContentReader contentReader,
      EnvelopeReader envelopeReader,
      ReadBack readBack,
      SpoolStatistics statistics,
      ByteBufAllocator allocator,
      OperatorLog log) {
    this.settings = settings;
    this.requests = requests;
    this.waiting = waiting;
    this.writer = writer;
    this.segmentDuty = segmentDuty;
    this.statistics = statistics;
    this.allocator = allocator;
    this.log = log;
    this.reads = new Reads(accounts, readers, contentReader, envelopeReader, readBack, completions);
    this.recycling = new Recycling(accounts, writer, segmentDuty, statistics, allocator, settings);
  }

  /** How many segments held anything after the last pass; from any thread. */
  int segmentsInUse() {
    return segmentsInUse;
  }

  /** True once nothing positive is answered any more; from any thread. */
  boolean isSealed() {
    return sealed;
  }

  Admission.Level level() {
    return level;
  }

  @Override
  public long run(long now) {
    nowNanos = now;
    waitingForSegment = false;
    outcomesHeld = false;
    restatesHeld = false;
    for (int i = 0; i < REQUESTS_PER_PASS; i++) {
      var request = requests.relaxedPoll();
      if (request == null) {
        break;
      }
      take(request);
    }
    reads.begin();
    if (!sealed) {
      try {
        work();
      } catch (DiskFailure failure) {
        seal(failure.getMessage());
      } catch (RuntimeException bug) {
        // It stops the process, and nothing positive may be answered until it has.
        seal(bug.toString());
        throw bug;
      }
    }
    if (sealed) {
      refuseAll(SpoolRefusal.SEALED);
    }
    level = currentLevel();
    segmentsInUse = accounts.segmentsInUse();
    if (nowNanos - statisticsNanos >= STATISTICS_NANOS) {
      statisticsNanos = nowNanos;
      report();
    }
    completions.post();
    return delayNanos();
  }

  private void report() {
    long held = 0;
    long needed = 0;
    for (var segment : accounts.segments()) {
      held += segment.header.segmentBytes();
      needed += segment.neededBytes();
    }
    long blank = (long) writer.spares() * settings.segmentBytes();
    statistics.holds(held, needed, blank, accounts.residences().size());
  }

  private void take(Request request) {
    switch (request) {
      case Request.Writing record -> writing.add(record);
      case Request.Outcome outcome -> {
        if (outcomes.isEmpty()) {
          oldestOutcomeNanos = nowNanos;
        }
        outcomes.add(outcome);
      }
      case Request.Load load -> reads.add(load);
      case Request.Envelopes envelopes -> reads.read(envelopes);
      case Request.Unpin unpin -> unpin.segments().forEach(accounts::unpin);
      case Request.Adopt adopt -> accounts.adopt(adopt.recovered());
      // Not before: what is still to be handed over is listed by where it stood.
      case Request.HandedOver _ -> recovered = true;
      case Request.SpareReady ready -> {
        if (ready.spare() != null) {
          writer.addSpare(ready.spare());
        }
        if (ready.retired() != null) {
          accounts.retired(ready.retired());
        }
      }
      case Request.Exhausted state -> onExhausted(state.exhausted());
      case Request.Restate restate -> recycling.add(restate);
      case Request.Restated restated -> recycling.add(restated);
      case Request.Damaged damaged -> {
        accounts.pin(damaged.extent().segment());
        segmentDuty.keepDamaged(damaged.extent());
      }
      case Request.Failed failed -> seal(failed.reason());
    }
  }

  private void onExhausted(boolean now) {
    if (now && !exhausted) {
      log.error(
          "The spool at "
              + settings.path()
              + " has no room for another segment: new mail is refused, deliveries go on.");
    } else if (!now && exhausted) {
      log.info("The spool at " + settings.path() + " has room again.");
    }
    exhausted = now;
  }

  private void work() throws DiskFailure {
    addWriting();
    boolean outcomesDue =
        writer.hasBatch() || finishing || nowNanos - oldestOutcomeNanos >= OUTCOME_NANOS;
    if (outcomesDue) {
      addOutcomes();
    }
    addRestates();
    write();
    boolean forceDue = nowNanos - unforcedSinceNanos >= FORCE_NANOS || finishing;
    if (!unforcedCommits.isEmpty() || (writer.isUnforced() && forceDue)) {
      force();
    }
    if (markDue && (finishing || nowNanos - lastWriteNanos >= MARK_NANOS)) {
      mark();
    }
    // After the force: what it made durable may be what a segment waited for.
    recycling.advance();
    boolean mayCompact = recovered && !exhausted && !finishing && writer.spares() >= 2;
    compacting = recycling.compact(mayCompact);
  }

  private void addWriting() throws DiskFailure {
    while (!writing.isEmpty() && !writer.isBatchFull(recycling.hasRestates() ? MOVED_SLOTS : 0)) {
      boolean taken =
          switch (writing.element()) {
            case Request.Commit commit -> add(commit);
            case Request.Append append -> add(append);
            case Request.Abandon abandon -> {
              drop(abandon.id());
              yield true;
            }
          };
      if (!taken) {
        return;
      }
      writing.remove();
      waiting.release(1);
    }
  }

  private boolean add(Request.Commit commit) throws DiskFailure {
    if (commit.settles != null && !addEarlierOutcomes()) {
      return false;
    }
    var chunks = commit.chunked ? open.get(commit.id) : null;
    var room =
        chunks != null && chunks.failed
            ? Room.NONE
            : room(commit.payloadBytes(), commit.fact.readableBytes(), false);
    switch (room) {
      case LATER -> {
        return false;
      }
      case NONE -> {
        drop(commit.id);
        refuse(commit, SpoolRefusal.FULL);
        return true;
      }
      case READY -> {}
    }
    var extents = List.<Extent>of();
    if (chunks != null) {
      open.remove(commit.id);
      extents = List.copyOf(chunks.extents);
      long contentBytes = chunks.bytes() + commit.inline.readableBytes();
      TransactionCodec.setChunks(
          commit.prefixAndMetadata, contentBytes, extents.size(), chunks.crc());
    }
    var home = new Extent(writer.active(), writer.nextPosition(), commit.payloadBytes());
    long lsn =
        writer.add(
            RecordHeader.TRANSACTION,
            0,
            commit.id,
            extents.size(),
            commit.fact,
            commit.prefixAndMetadata,
            commit.inline);
    commit.fact.release();
    accounts.committed(commit.id, home, extents, commit.recipients);
    unforcedCommits.add(commit);
    if (commit.settles != null) {
      settle(commit.settles, lsn);
    }
    return true;
  }

  /**
   * Of two outcomes the one with the higher LSN counts, so what was asked for before a transaction
   * that settles a message stands before it; false when that has to wait for room. On a disk that
   * has none at all the outcomes stay, and the transaction, which has no claim to the reserve, is
   * refused.
   */
  private boolean addEarlierOutcomes() throws DiskFailure {
    addOutcomes();
    return !writer.isBatchFull() && (outcomes.isEmpty() || exhausted);
  }

  /** The record of a transaction is the outcome of another's message too. */
  private void settle(Settlement settlement, long lsn) {
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
      outcomes.add(new Request.Outcome(settlement.id(), recipient, state));
    }
  }

  private void refuse(Request.Commit commit, SpoolRefusal why) {
    commit.refuse(why);
    completions.add(commit.asker, commit);
  }

  private boolean add(Request.Append append) throws DiskFailure {
    var chunks = open.computeIfAbsent(append.id(), id -> new OpenChunks());
    int payloadBytes = OpenChunks.PREFIX_BYTES + append.part().readableBytes();
    boolean lost = chunks.failed || chunks.isFull();
    switch (lost ? Room.NONE : room(payloadBytes, 0, false)) {
      case LATER -> {
        return false;
      }
      case NONE -> {
        chunks.failed = true;
        append.part().release();
        completions.add(append.asker(), append.written());
        return true;
      }
      case READY -> {}
    }
    int index = chunks.extents.size();
    var prefix = allocator.directBuffer(OpenChunks.PREFIX_BYTES);
    prefix.writeInt(index).writeInt(0);
    var extent = new Extent(writer.active(), writer.nextPosition(), payloadBytes);
    chunks.add(extent, append.part());
    accounts.hold(extent);
    writer.add(
        RecordHeader.CHUNK, 0, append.id(), index, Unpooled.EMPTY_BUFFER, prefix, append.part());
    unwrittenChunks.add(append);
    return true;
  }

  private void drop(TransactionId id) {
    var chunks = open.remove(id);
    if (chunks != null) {
      chunks.extents.forEach(accounts::letGo);
    }
  }

  private void addOutcomes() throws DiskFailure {
    while (!outcomes.isEmpty() && !writer.isBatchFull()) {
      var request = outcomes.element();
      int handle = accounts.find(request.id());
      int recipient = request.recipient();
      var residences = accounts.residences();
      if (handle != Residences.NONE && residences.isWaiting(handle, recipient)) {
        // Each state stands for all earlier ones, so that the segments of those may go.
        var state = request.outcome().amending(residences.amended(handle, recipient));
        var entries = List.of(new OutcomeCodec.Entry(recipient, state));
        if (room(OutcomeCodec.maxBytes(entries), FactCodec.bytes(entries), true) != Room.READY) {
          outcomesHeld = true;
          return;
        }
        var payload = OutcomeCodec.encode(allocator, entries);
        var fact = FactCodec.ofOutcome(entries);
        long lsn = writer.add(RecordHeader.OUTCOME, 0, request.id(), 0, fact, payload);
        fact.release();
        accounts.state(handle, recipient, lsn, state.kind().isFinal(), state.fields());
      }
      outcomes.remove();
    }
  }

  private void addRestates() throws DiskFailure {
    while (recycling.hasRestates() && !writer.isBatchFull()) {
      if (!recycling.takesRoom() || hasRoomForRestate()) {
        recycling.addRestate();
      } else if (exhausted && recycling.isNextContent()) {
        // Behind it there may be what gives a segment back; the content stays where it is.
        recycling.skip();
      } else if (!restateWhole()) {
        restatesHeld = true;
        return;
      }
    }
  }

  /** Without a spare segment the active one may be the last, which is kept for outcomes. */
  private boolean hasRoomForRestate() throws DiskFailure {
    if (writer.hasRoom(recycling.payloadBytes(), recycling.factBytes())) {
      return writer.spares() > 0;
    }
    if (writer.spares() < 2) {
      return false;
    }
    roll();
    return true;
  }

  /**
   * Repeats what a segment still holds in the last one that there is, if that gives the segment
   * back at once: as a whole, and forced. A part of it would use up what outcomes need and free
   * nothing; and since only outcomes finish transactions, nothing would ever be freed again.
   *
   * <p>Where it does not fit, waiting is safe. The oldest segment holds no state of a transaction
   * in another one that is older still, so it goes without restating once its own are finished, and
   * then the next.
   */
  private boolean restateWhole() throws DiskFailure {
    int spareBytes = writer.spares() > 0 ? writer.blankRoomBytes() : 0;
    long bytes = recycling.bytesToEmptyNext(Math.max(spareBytes, writer.roomBytes()));
    if (bytes < 0) {
      return false;
    }
    if (bytes > writer.roomBytes()) {
      roll();
    }
    do {
      if (writer.isBatchFull()) {
        write();
      }
    } while (recycling.addRestate());
    write();
    force();
    return true;
  }

  private void roll() throws DiskFailure {
    write();
    force();
    accounts.add(writer.roll());
    recycling.onRoll();
    segmentDuty.spareTaken();
  }

  /** True when no more than the rest of the last segment is left, which is kept for outcomes. */
  private boolean isReserveBegun() {
    return exhausted && writer.spares() == 0;
  }

  /**
   * Makes room for a record.
   *
   * @param factBytes length of its fact's body
   * @param reserve whether it may use the last segment, which is kept for outcomes
   */
  private Room room(int payloadBytes, int factBytes, boolean reserve) throws DiskFailure {
    if (writer.hasRoom(payloadBytes, factBytes)) {
      return isReserveBegun() && !reserve ? Room.NONE : Room.READY;
    }
    if (writer.spares() >= (reserve ? 1 : 2)) {
      roll();
      return Room.READY;
    }
    waitingForSegment = !exhausted;
    return exhausted && !reserve ? Room.NONE : Room.LATER;
  }

  private void write() throws DiskFailure {
    if (!writer.hasBatch()) {
      return;
    }
    if (!writer.isUnforced()) {
      unforcedSinceNanos = nowNanos;
    }
    statistics.wrote(writer.batchRecords(), writer.batchBytes());
    writer.write();
    lastWriteNanos = nowNanos;
    markDue = true;
    unwrittenChunks.forEach(append -> completions.add(append.asker(), append.written()));
    unwrittenChunks.clear();
  }

  private void force() throws DiskFailure {
    // The promise of the whole server hangs on this order: forced first, answered then. A failure
    // leaves by the exception, before any completion, and seals the volume.
    boolean forces = writer.isUnforced();
    writer.force();
    if (forces) {
      statistics.forced();
    }
    for (var commit : unforcedCommits) {
      statistics.committed(commit.askedNanos, nowNanos);
      completions.add(commit.asker, commit);
    }
    unforcedCommits.clear();
  }

  /** Names the last forced LSN, so that damage in the last batch shows as damage. */
  private void mark() throws DiskFailure {
    force();
    markDue = false;
    // It takes a block of its own, and those of the reserve are for outcomes.
    if (writer.hasRoom(0, 0) && !isReserveBegun()) {
      writer.addMark();
      writer.write();
      writer.force();
    }
  }

  /**
   * After a failed write or force nobody knows what is on the disk, and a second force may succeed
   * over lost octets. So there is none.
   */
  private void seal(String reason) {
    if (sealed) {
      return;
    }
    sealed = true;
    segmentDuty.seal();
    log.error(
        "The spool at "
            + settings.path()
            + " has failed and takes nothing until the server is restarted: "
            + reason);
    unforcedCommits.forEach(commit -> commit.fail(SpoolRefusal.SEALED));
    unforcedCommits.forEach(commit -> completions.add(commit.asker, commit));
    unforcedCommits.clear();
    unwrittenChunks.forEach(append -> completions.add(append.asker(), append.written()));
    unwrittenChunks.clear();
    writer.close();
  }

  private void refuseAll(SpoolRefusal why) {
    for (var record : writing) {
      waiting.release(1);
      switch (record) {
        case Request.Commit commit -> refuse(commit, why);
        case Request.Append append -> {
          append.part().release();
          completions.add(append.asker(), append.written());
        }
        case Request.Abandon abandon -> drop(abandon.id());
      }
    }
    writing.clear();
    outcomes.clear();
    recycling.clear();
  }

  private Admission.Level currentLevel() {
    if (sealed || outcomes.size() > settings.outcomeBacklog()) {
      return Admission.Level.PAUSED;
    }
    return exhausted && writer.spares() < 2 ? Admission.Level.REFUSING : Admission.Level.OPEN;
  }

  private long delayNanos() {
    if (!requests.isEmpty()) {
      return 0;
    }
    if (sealed) {
      return UNTIL_WOKEN;
    }
    long delay = UNTIL_WOKEN;
    boolean writingHeld = waitingForSegment || isReserveBegun();
    if ((!writing.isEmpty() && !writingHeld) || (recycling.hasRestates() && !restatesHeld)) {
      return 0;
    }
    if (!outcomes.isEmpty() && !outcomesHeld) {
      delay = oldestOutcomeNanos + OUTCOME_NANOS - nowNanos;
    }
    if (writer.isUnforced()) {
      delay = Math.min(delay, unforcedSinceNanos + FORCE_NANOS - nowNanos);
    }
    if (markDue) {
      delay = Math.min(delay, lastWriteNanos + MARK_NANOS - nowNanos);
    }
    if (compacting) {
      delay = Math.min(delay, COMPACTION_REST_NANOS);
    }
    return Math.max(0, delay);
  }

  /** True when there is something to write and room for it; at a stop none is made any more. */
  private boolean hasWorkInRoom() {
    return (!writing.isEmpty() && !waitingForSegment) || (!outcomes.isEmpty() && !outcomesHeld);
  }

  /** The last passes, on the thread that closes the spool, after the worker has ended. */
  void finish(long now) {
    finishing = true;
    do {
      run(now);
    } while (!requests.isEmpty() || (!sealed && hasWorkInRoom()));
    refuseAll(SpoolRefusal.STOPPING);
    reads.end();
    completions.post();
    if (!sealed) {
      try {
        // So that the next start need not read its bodies.
        writer.closeActive();
      } catch (DiskFailure failure) {
        seal(failure.getMessage());
      }
    }
    report();
    writer.close();
  }
}
