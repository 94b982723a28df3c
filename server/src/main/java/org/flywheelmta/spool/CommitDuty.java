package org.flywheelmta.spool;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.Clock;
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
  private static final long STATISTICS_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long COMPACTION_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int REQUESTS_PER_PASS = 16 * 1024;
  // So many records of a full batch are left to what recycling repeats, so that it never starves.
  private static final int MOVED_SLOTS = 64;

  private final SpoolSettings settings;
  private final MpscUnboundedArrayQueue<Request> requests;
  private final Consumer<Request.Writing> taken;
  private final LogWriter writer;
  private final SegmentDuty segmentDuty;
  private final SpoolStatistics statistics;
  private final ByteBufAllocator allocator;
  private final OperatorLog log;
  private final Volumes volumes;
  private final Accounts accounts = new Accounts();
  private final Completions completions = new Completions();
  private final LogEnd end;
  private final LogRoom room;
  private final OutcomeQueue outcomes;
  private final Recycling recycling;
  private final Restating restating;
  private final Reads reads;
  private final Map<TransactionId, OpenChunks> open = new HashMap<>();

  private final DedupeAccounts keys;
  private final HeldCommits held;
  private final ArrayDeque<Request.Writing> writing = new ArrayDeque<>();

  private long nowNanos;
  private boolean recovered;
  private boolean keysKnown;
  private boolean compacting;
  private volatile boolean sealed;
  private volatile int segmentsInUse;
  private long statisticsNanos;
  private boolean finishing;
  private volatile Admission.Level level = Admission.Level.OPEN;

  /**
   * @param taken told of each request that waits for a batch no longer
   */
  CommitDuty(
      SpoolSettings settings,
      MpscUnboundedArrayQueue<Request> requests,
      Consumer<Request.Writing> taken,
      LogWriter writer,
      SegmentDuty segmentDuty,
      ThreadPool readers,
      ContentReader contentReader,
      EnvelopeReader envelopeReader,
      ReadBack readBack,
      SpoolStatistics statistics,
      ByteBufAllocator allocator,
      Clock clock,
      OperatorLog log,
      Volumes volumes,
      int volume) {
    this.settings = settings;
    this.requests = requests;
    this.taken = taken;
    this.writer = writer;
    this.segmentDuty = segmentDuty;
    this.statistics = statistics;
    this.allocator = allocator;
    this.log = log;
    this.volumes = volumes;
    this.reads =
        new Reads(accounts, writer, readers, contentReader, envelopeReader, readBack, completions);
    this.end = new LogEnd(writer, statistics, completions);
    this.room = new LogRoom(settings.path(), writer, end, accounts, segmentDuty, log);
    this.outcomes = new OutcomeQueue(accounts, writer, room, allocator, volumes, volume);
    this.keys = new DedupeAccounts(accounts, settings.dedupe(), clock::wallMicros);
    this.held = new HeldCommits(settings.maxWaitingCommits());
    this.recycling =
        new Recycling(accounts, keys, writer, segmentDuty, statistics, allocator, settings);
    this.restating = new Restating(recycling, writer, end, room);
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
    end.begin(now);
    room.begin(end.isStalled());
    outcomes.begin(now);
    restating.begin();
    for (int i = 0; i < REQUESTS_PER_PASS; i++) {
      var request = requests.relaxedPoll();
      if (request == null) {
        break;
      }
      take(request);
    }
    reads.begin();
    keys.endOld();
    if (!sealed) {
      try {
        if (end.resume(finishing)) {
          work();
        }
      } catch (DiskFailure failure) {
        if (failure.kind() == DiskFailure.Kind.FULL) {
          end.stall();
          room.onStalled();
        } else {
          seal(failure.getMessage());
        }
      } catch (RuntimeException bug) {
        // It stops the process, and nothing positive may be answered until it has.
        seal(bug.toString());
        throw bug;
      }
    }
    if (!sealed && end.isStalled()) {
      // While a write waits for room, nothing else is taken.
      refuseWriting(SpoolRefusal.FULL);
    }
    if (sealed) {
      outcomes.keepElsewhere();
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
    statistics.keepsKeys(keys.keys().size());
  }

  private void take(Request request) {
    switch (request) {
      case Request.Commit commit when held.concerns(commit) -> hold(commit);
      case Request.Writing record -> writing.add(record);
      case Request.State state -> outcomes.add(state);
      case Request.Locate locate -> locate(locate);
      case Request.FindKey find -> {
        if (sealed || !held.holds(find)) {
          find(find);
        }
      }
      case Request.Load load -> reads.add(load);
      case Request.Envelopes envelopes -> reads.read(envelopes);
      case Request.Unpin unpin -> unpin.segments().forEach(accounts::unpin);
      case Request.Adopt adopt -> {
        accounts.adopt(adopt.recovered());
        keys.adopt(adopt.keys());
        keysKnown = true;
        held.letGoFinds().forEach(this::find);
        writing.addAll(held.letGo());
      }
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
      case Request.Exhausted state -> room.onExhausted(state.exhausted());
      case Request.Restate restate -> recycling.add(restate);
      case Request.Restated restated -> recycling.add(restated);
      case Request.Damaged damaged -> {
        accounts.pin(damaged.extent().segment());
        segmentDuty.keepDamaged(damaged.extent());
      }
      case Request.Failed failed -> seal(failed.reason());
    }
  }

  private void locate(Request.Locate locate) {
    boolean known = accounts.find(locate.id()) != Residences.NONE;
    var where = !known ? Request.Where.UNKNOWN : sealed ? Request.Where.FAILED : Request.Where.HERE;
    completions.add(locate.asker(), () -> locate.answer().accept(where));
  }

  /** A key that names a transaction is told of by the next force, which may be that of both. */
  private void find(Request.FindKey find) {
    var first = keys.first(find.key);
    if (sealed && (first != null || !keysKnown)) {
      find.found(new Request.FindKey.Refused(SpoolRefusal.SEALED));
    } else if (first != null) {
      find.found(new Request.FindKey.First(first));
      end.added(find);
      return;
    }
    completions.add(find.asker, find);
  }

  private void hold(Request.Commit commit) {
    if (!held.hold(commit)) {
      refuse(commit, SpoolRefusal.FULL);
      // In its place, since parts of it may stand before it.
      writing.add(new Request.Abandon(commit.id));
    }
  }

  private void work() throws DiskFailure {
    addWriting();
    if (writer.hasBatch() || finishing || outcomes.isDue()) {
      outcomes.addToBatch();
    }
    restating.addToBatch();
    end.write();
    end.forceDue(finishing);
    if (end.isMarkDue(finishing)) {
      // It takes a block of its own, and those of the reserve are for outcomes.
      end.mark(!room.isReserveBegun());
    }
    // After the force: what it made durable may be what a segment waited for.
    recycling.advance();
    boolean mayCompact = recovered && !room.isExhausted() && !finishing && writer.spares() >= 2;
    compacting = recycling.compact(mayCompact, nowNanos);
  }

  private void addWriting() throws DiskFailure {
    while (!writing.isEmpty() && !writer.isBatchFull(recycling.hasRestates() ? MOVED_SLOTS : 0)) {
      boolean added =
          switch (writing.element()) {
            case Request.Commit commit -> add(commit);
            case Request.Append append -> add(append);
            case Request.Abandon abandon -> {
              drop(abandon.id());
              yield true;
            }
          };
      if (!added) {
        return;
      }
      taken.accept(writing.remove());
    }
  }

  private boolean add(Request.Commit commit) throws DiskFailure {
    var first = commit.key == null ? null : keys.first(commit.key);
    if (first != null) {
      drop(commit.id);
      commit.duplicates(first);
      // The first may be in this very batch: its force answers both.
      end.added(commit);
      return true;
    }
    var settles = commit.settlesElsewhere ? null : commit.settles;
    if (settles != null && !addEarlierOutcomes()) {
      return false;
    }
    var chunks = commit.chunked ? open.get(commit.id) : null;
    var answer =
        chunks != null && chunks.failed
            ? LogRoom.Answer.NONE
            : room.make(commit.payloadBytes(), commit.fact.readableBytes(), false);
    switch (answer) {
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
            commit.settlesElsewhere ? RecordHeader.SETTLES_ELSEWHERE : 0,
            commit.id,
            extents.size(),
            commit.fact,
            commit.prefixAndMetadata,
            commit.inline);
    commit.fact.release();
    accounts.committed(commit.id, home, extents, commit.recipients);
    end.added(commit);
    if (commit.key != null) {
      keys.add(commit.key, commit.id, home.segment());
    }
    if (commit.settles != null) {
      settle(commit, commit.settles, home.segment(), lsn);
    }
    return true;
  }

  private void settle(Request.Commit commit, Settlement settles, Segment segment, long lsn) {
    if (commit.settlesElsewhere) {
      var elsewhere = ForeignOutcome.of(settles).key();
      accounts.foreign().put(elsewhere, segment, lsn);
    } else if (settles.outcome().kind().isFinal()) {
      // Not before: were this force to fail, the message would wait on, and be known.
      end.onceForced(() -> outcomes.settle(settles, lsn));
    } else {
      outcomes.settle(settles, lsn);
    }
  }

  /**
   * Of two outcomes the one with the higher LSN counts, so what was asked for before a transaction
   * that settles a message stands before it; false when that has to wait for room. On a disk that
   * has none at all the outcomes stay, and the transaction, which has no claim to the reserve, is
   * refused.
   */
  private boolean addEarlierOutcomes() throws DiskFailure {
    outcomes.addToBatch();
    return !writer.isBatchFull() && (outcomes.isEmpty() || room.isExhausted());
  }

  private void refuse(Request.Commit commit, SpoolRefusal why) {
    commit.refuse(why);
    completions.add(commit.asker, commit);
  }

  private boolean add(Request.Append append) throws DiskFailure {
    var chunks = open.computeIfAbsent(append.id(), id -> new OpenChunks());
    int payloadBytes = OpenChunks.PREFIX_BYTES + append.part().readableBytes();
    int plainBytes = append.plainBytes();
    int factBytes = plainBytes > 0 ? Integer.BYTES : 0;
    boolean lost = chunks.failed || chunks.isFull();
    switch (lost ? LogRoom.Answer.NONE : room.make(payloadBytes, factBytes, false)) {
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
    prefix.writeInt(index).writeInt(plainBytes);
    var extent = new Extent(writer.active(), writer.nextPosition(), payloadBytes, plainBytes);
    chunks.add(extent, append);
    accounts.hold(extent);
    int flags = plainBytes > 0 ? RecordHeader.COMPRESSED : 0;
    var fact = plainBytes > 0 ? FactCodec.ofCompressed(plainBytes) : Unpooled.EMPTY_BUFFER;
    writer.add(RecordHeader.CHUNK, flags, append.id(), index, fact, prefix, append.part());
    fact.release();
    end.added(append);
    return true;
  }

  private void drop(TransactionId id) {
    var chunks = open.remove(id);
    if (chunks != null) {
      chunks.extents.forEach(accounts::letGo);
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
            + " has failed and takes nothing until the server is restarted"
            + (volumes.areSeveral() ? ", other volumes go on: " : ": ")
            + reason);
    end.fail(SpoolRefusal.SEALED);
  }

  private void refuseAll(SpoolRefusal why) {
    for (var find : held.letGoFinds()) {
      find.found(new Request.FindKey.Refused(why));
      completions.add(find.asker, find);
    }
    writing.addAll(held.letGo());
    refuseWriting(why);
    outcomes.clear();
    recycling.clear();
  }

  /** Nothing of a content that is refused in part is committed later. */
  private void refuseWriting(SpoolRefusal why) {
    for (var record : writing) {
      taken.accept(record);
      switch (record) {
        case Request.Commit commit -> {
          drop(commit.id);
          refuse(commit, why);
        }
        case Request.Append append -> {
          open.computeIfAbsent(append.id(), _ -> new OpenChunks()).failed = true;
          append.part().release();
          completions.add(append.asker(), append.written());
        }
        case Request.Abandon abandon -> drop(abandon.id());
      }
    }
    writing.clear();
  }

  private Admission.Level currentLevel() {
    if (sealed || outcomes.size() > settings.outcomeBacklog()) {
      return Admission.Level.PAUSED;
    }
    return end.isStalled() || (room.isExhausted() && writer.spares() < 2)
        ? Admission.Level.REFUSING
        : Admission.Level.OPEN;
  }

  private long delayNanos() {
    if (!requests.isEmpty()) {
      return 0;
    }
    if (sealed) {
      return UNTIL_WOKEN;
    }
    if (end.isStalled()) {
      return Math.max(0, end.delayNanos());
    }
    boolean writingHeld = room.isWaitingForSegment() || room.isReserveBegun();
    if ((!writing.isEmpty() && !writingHeld) || restating.isReady()) {
      return 0;
    }
    long delay = Math.min(outcomes.delayNanos(), end.delayNanos());
    delay = Math.min(delay, keys.delayNanos());
    if (compacting) {
      delay = Math.min(delay, COMPACTION_REST_NANOS);
    }
    return Math.max(0, delay);
  }

  /** True when there is something to write and room for it; at a stop none is made any more. */
  private boolean hasWorkInRoom() {
    boolean waits = (!writing.isEmpty() && !room.isWaitingForSegment()) || outcomes.isReady();
    return waits && !end.isStalled();
  }

  /**
   * Does all that was asked for, on the thread that closes the spool, after the worker has ended.
   */
  void drain(long now) {
    finishing = true;
    do {
      run(now);
    } while (!requests.isEmpty() || (!sealed && hasWorkInRoom()));
  }

  /** The last passes, on the same thread. */
  void finish(long now) {
    drain(now);
    refuseAll(SpoolRefusal.STOPPING);
    reads.end();
    if (end.isStalled()) {
      end.fail(SpoolRefusal.STOPPING);
    } else if (!sealed) {
      closeActive();
    }
    completions.post();
    report();
    writer.close();
  }

  /** So that the next start need not read its bodies. */
  private void closeActive() {
    try {
      writer.closeActive();
    } catch (DiskFailure failure) {
      if (failure.kind() != DiskFailure.Kind.FULL) {
        seal(failure.getMessage());
      }
    }
  }
}
