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

  private static final int REQUESTS_PER_PASS = 16 * 1024;

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
  private final ThreadPool readers;
  private final ContentReader contentReader;
  private final ReadBack readBack;
  private final ByteBufAllocator allocator;
  private final OperatorLog log;
  private final Accounts accounts = new Accounts();
  private final Recycling recycling;
  private final Completions completions = new Completions();
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
  private boolean sealed;
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
      ReadBack readBack,
      ByteBufAllocator allocator,
      OperatorLog log) {
    this.settings = settings;
    this.requests = requests;
    this.waiting = waiting;
    this.writer = writer;
    this.segmentDuty = segmentDuty;
    this.readers = readers;
    this.contentReader = contentReader;
    this.readBack = readBack;
    this.allocator = allocator;
    this.log = log;
    this.recycling =
        new Recycling(accounts, writer, segmentDuty, allocator, settings.segmentBytes());
  }

  /** How many segments hold anything; for the commit thread, or while it rests. */
  int segmentsInUse() {
    return accounts.segmentsInUse();
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
    readBack.begin(this::load);
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
    completions.post();
    return delayNanos();
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
      case Request.Load load -> readBack.add(load);
      case Request.Unpin unpin -> unpin.segments().forEach(accounts::unpin);
      case Request.Adopt adopt -> accounts.adopt(adopt.recovered());
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

  /** Begins to read a content; false while there is no room for it. */
  private boolean load(Request.Load load) {
    var residence = accounts.residence(load.id());
    if (residence == null || !residence.isLiving()) {
      completions.add(
          load.asker(),
          () -> load.completion().onUnavailable(false, "no recipient of it waits in the spool"));
      return true;
    }
    long bytes = ContentReader.bytes(residence);
    if (!readBack.tryTake(bytes)) {
      return false;
    }
    // A pin keeps the segments from being recycled under the read, whatever becomes of the message.
    var job = contentReader.job(residence, readBack, load.completion());
    job.segments().forEach(accounts::pin);
    if (!readers.submit(load.asker(), job)) {
      // One of those that the pool has is over soon, and looks again at what waits.
      job.segments().forEach(accounts::unpin);
      readBack.giveBack(bytes);
      return false;
    }
    return true;
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
  }

  private void addWriting() throws DiskFailure {
    while (!writing.isEmpty() && !writer.isBatchFull()) {
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
    var room = chunks != null && chunks.failed ? Room.NONE : room(commit.payloadBytes(), false);
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
    var extents = List.<Residence.Extent>of();
    if (chunks != null) {
      open.remove(commit.id);
      extents = chunks.extents;
      long contentBytes = chunks.bytes() + commit.inline.readableBytes();
      TransactionCodec.setChunks(
          commit.prefixAndMetadata, contentBytes, extents.size(), chunks.crc());
    }
    var home = new Residence.Extent(writer.active(), writer.nextPosition(), commit.payloadBytes());
    long lsn =
        writer.add(
            RecordHeader.TRANSACTION,
            0,
            commit.id.high(),
            commit.id.low(),
            commit.prefixAndMetadata,
            commit.inline);
    accounts.committed(new Residence(commit.id, home, extents, commit.recipients));
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
    var residence = accounts.residence(settlement.id());
    int recipient = settlement.recipient();
    if (residence == null || !residence.isWaiting(recipient)) {
      throw Check.bug("a message is settled that does not wait");
    }
    var state = settlement.outcome().amending(residence.amended(recipient));
    accounts.state(residence, recipient, lsn, state.kind().isFinal(), state.fields());
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
    switch (lost ? Room.NONE : room(payloadBytes, false)) {
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
    var segment = writer.active();
    var prefix = allocator.directBuffer(OpenChunks.PREFIX_BYTES);
    prefix.writeInt(chunks.extents.size()).writeInt(0);
    chunks.add(new Residence.Extent(segment, writer.nextPosition(), payloadBytes), append.part());
    accounts.hold(segment);
    writer.add(RecordHeader.CHUNK, 0, append.id().high(), append.id().low(), prefix, append.part());
    unwrittenChunks.add(append);
    return true;
  }

  private void drop(TransactionId id) {
    var chunks = open.remove(id);
    if (chunks != null) {
      chunks.extents.forEach(extent -> accounts.letGo(extent.segment()));
    }
  }

  private void addOutcomes() throws DiskFailure {
    while (!outcomes.isEmpty() && !writer.isBatchFull()) {
      var request = outcomes.element();
      var residence = accounts.residence(request.id());
      int recipient = request.recipient();
      if (residence != null && residence.isWaiting(recipient)) {
        // Each state stands for all earlier ones, so that the segments of those may go.
        var state = request.outcome().amending(residence.amended(recipient));
        var entries = List.of(new OutcomeCodec.Entry(recipient, state));
        if (room(OutcomeCodec.maxBytes(entries), true) != Room.READY) {
          outcomesHeld = true;
          return;
        }
        var payload = OutcomeCodec.encode(allocator, entries);
        long lsn =
            writer.add(RecordHeader.OUTCOME, 0, request.id().high(), request.id().low(), payload);
        accounts.state(residence, recipient, lsn, state.kind().isFinal(), state.fields());
      }
      outcomes.remove();
    }
  }

  private void addRestates() throws DiskFailure {
    while (recycling.hasRestates() && !writer.isBatchFull()) {
      if (!recycling.takesRoom() || hasRoomForRestate(recycling.payloadBytes())) {
        recycling.addRestate();
      } else if (!restateWhole()) {
        restatesHeld = true;
        return;
      }
    }
  }

  /** Without a spare segment the active one may be the last, which is kept for outcomes. */
  private boolean hasRoomForRestate(int payloadBytes) throws DiskFailure {
    if (writer.hasRoom(payloadBytes)) {
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
    int spareBytes = writer.spares() > 0 ? settings.segmentBytes() - SegmentHeader.RECORDS_AT : 0;
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
   * @param reserve whether it may use the last segment, which is kept for outcomes
   */
  private Room room(int payloadBytes, boolean reserve) throws DiskFailure {
    if (writer.hasRoom(payloadBytes)) {
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
    writer.write();
    lastWriteNanos = nowNanos;
    markDue = true;
    unwrittenChunks.forEach(append -> completions.add(append.asker(), append.written()));
    unwrittenChunks.clear();
  }

  private void force() throws DiskFailure {
    // The promise of the whole server hangs on this order: forced first, answered then. A failure
    // leaves by the exception, before any completion, and seals the volume.
    writer.force();
    unforcedCommits.forEach(commit -> completions.add(commit.asker, commit));
    unforcedCommits.clear();
  }

  /** Names the last forced LSN, so that damage in the last batch shows as damage. */
  private void mark() throws DiskFailure {
    force();
    markDue = false;
    // It takes a block of its own, and those of the reserve are for outcomes.
    if (writer.hasRoom(0) && !isReserveBegun()) {
      writer.add(RecordHeader.MARK, 0, 0, 0, Unpooled.EMPTY_BUFFER);
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
    readBack.end(
        load ->
            completions.add(
                load.asker(),
                () -> load.completion().onUnavailable(true, "the spool is being closed")));
    completions.post();
    writer.close();
  }
}
