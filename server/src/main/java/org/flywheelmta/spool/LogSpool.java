package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.Worker;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The spool of one volume: a log of recycled segments. Callers encode and post; the commit thread
 * does the rest.
 */
@ConcurrentThreadSafe
public final class LogSpool implements Spool {
  private static final int READ_BACKLOG = 1024;
  private static final int QUEUE_CHUNK = 1024;

  private final MpscUnboundedArrayQueue<Request> requests =
      new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
  private final Limit waiting;
  private final Clock clock;
  private final ByteBufAllocator allocator;
  private final Disk.Lock lock;
  private final SpoolStatistics statistics;
  private final SegmentDuty segmentDuty;
  private final CommitDuty commitDuty;
  private final RecoveryDuty recoveryDuty;
  // Where chunks are compressed; null where they are not.
  private final @Nullable CompressionLane lane;
  // The largest part of a content that goes into one record.
  private final int partBytes;
  // What a record and its fact may take.
  private final int mostBytes;
  private final Worker segmentWorker;
  private final Worker recoveryWorker;
  private final @Nullable Worker laneWorker;
  private volatile @Nullable Worker commitWorker;
  private volatile boolean stopping;
  private volatile boolean ended;
  // How many threads have asked for the requests that are left to be refused; one at a time does.
  private final AtomicInteger refusing = new AtomicInteger();

  LogSpool(
      LogOpening given,
      SpoolFolder folder,
      long totalBytes,
      Disk.Lock lock,
      @Nullable FrameCodec codec) {
    var settings = given.settings();
    var platform = given.platform();
    var disk = given.disk();
    this.lock = lock;
    this.clock = platform.clock();
    this.allocator = platform.allocator();
    this.waiting = new Limit("spool_waiting_commits", settings.maxWaitingCommits());
    this.partBytes = Math.min(CHUNK_BYTES, settings.segmentBytes() / 4);
    this.mostBytes = LogWriter.blankRoomBytes(settings.segmentBytes());
    this.statistics = new SpoolStatistics();
    var writer = new LogWriter(disk, clock, platform.randomness(), folder.nextEpoch(), settings);
    folder.blanks().forEach(writer::addSpare);
    var records = new RecordReader(disk, allocator, this::post, this::isSealed);
    this.segmentDuty =
        new SegmentDuty(
            settings,
            disk,
            records,
            allocator,
            new Quarantine(disk, settings.path(), given.log()),
            this::post,
            folder.blanks().size(),
            folder.nextNumber(),
            totalBytes,
            this::segmentsInUse);
    this.commitDuty =
        new CommitDuty(
            settings,
            requests,
            this::taken,
            writer,
            segmentDuty,
            platform.threadPool("spool-read", settings.readThreads(), READ_BACKLOG),
            new ContentReader(records, allocator, this::post),
            new EnvelopeReader(records, this::post),
            new ReadBack(given.memory(), this::wakeCommits),
            statistics,
            allocator,
            clock,
            given.log(),
            given.volumes(),
            given.volume());
    this.recoveryDuty = recovery(given, folder);
    this.lane =
        codec == null ? null : new CompressionLane(codec, this::post, this::isSealed, statistics);
    // Workers begin once everything that they reach is in place; whatever was posted before the
    // commit thread's worker is known is found by its first pass.
    this.segmentWorker = platform.worker("spool-segments", segmentDuty);
    segmentDuty.setWake(segmentWorker::wake);
    this.commitWorker = platform.worker("commit", commitDuty);
    this.recoveryWorker = platform.worker("spool-recovery", recoveryDuty);
    if (lane == null) {
      laneWorker = null;
    } else {
      laneWorker = platform.worker("spool-compress", lane);
      lane.setWake(laneWorker::wake);
    }
  }

  private RecoveryDuty recovery(LogOpening given, SpoolFolder folder) {
    var disk = given.disk();
    var quarantine = new Quarantine(disk, given.settings().path(), given.log());
    long rate = given.settings().upkeep().verifyBytesPerSecond();
    return new RecoveryDuty(
        disk,
        given.log(),
        quarantine,
        folder.segments(),
        new RecoveryScan(disk, true, given.settings().dedupe(), clock::wallMicros),
        new Verification(disk, quarantine, statistics, rate),
        statistics,
        this::post,
        this::isSealed,
        given.recovered(),
        given.volumes());
  }

  /**
   * Opens a spool, making its folder where it is missing. Reads the segments' headers alone and
   * returns; what waits comes to {@code recovered} in time. It blocks on the disk for that.
   */
  public static Opened open(
      SpoolSettings settings,
      Platform platform,
      Disk disk,
      OperatorLog log,
      MemoryBudget memory,
      Recovered recovered) {
    var alone = new Volumes(List.of(settings.path()));
    return new LogOpening(settings, platform, disk, log, memory, recovered, alone, 0).open();
  }

  void post(Request request) {
    if (request instanceof Request.Failed) {
      // At once, before the commit thread comes to it: nothing is forced on a volume that failed.
      segmentDuty.seal();
    }
    requests.offer(request);
    // In this order: a request that the last pass did not see finds the spool ended, or else was
    // there when the thread that ended it looked for what is left.
    if (ended) {
      refuseLeft();
      return;
    }
    wakeCommits();
  }

  /** Recovery may go on; nothing where it has not begun. */
  void wakeRecovery() {
    recoveryWorker.wake();
  }

  private void wakeCommits() {
    var worker = commitWorker;
    if (worker != null) {
      worker.wake();
    }
  }

  /** Refuses everything that is left, on one thread at a time, since the queue has one taker. */
  private void refuseLeft() {
    if (refusing.getAndIncrement() > 0) {
      return;
    }
    int asked = 1;
    do {
      // Unlike its relaxed kin, this waits for a request whose place is taken and not yet filled.
      for (var request = requests.poll(); request != null; request = requests.poll()) {
        refuse(request);
      }
      asked = refusing.addAndGet(-asked);
    } while (asked > 0);
  }

  private void refuse(Request request) {
    switch (request) {
      case Request.Commit commit -> {
        commit.refuse(SpoolRefusal.STOPPING);
        commit.asker.post(commit);
      }
      case Request.Append append -> {
        append.part().release();
        append.asker().post(append.written());
      }
      case Request.Load load ->
          load.asker()
              .post(() -> load.completion().onUnavailable(true, "the spool has been closed"));
      case Request.Envelopes envelopes ->
          envelopes.asker().post(() -> envelopes.refuse("the spool has been closed"));
      case Request.FindKey find -> {
        find.found(new Request.FindKey.Refused(SpoolRefusal.STOPPING));
        find.asker.post(find);
      }
      case Request.Locate locate ->
          locate.asker().post(() -> locate.answer().accept(Request.Where.UNKNOWN));
      case Request.Restate restate -> restate.release();
      case Request.Abandon _,
          Request.State _,
          Request.Unpin _,
          Request.Adopt _,
          Request.HandedOver _,
          Request.SpareReady _,
          Request.Exhausted _,
          Request.Restated _,
          Request.Damaged _,
          Request.Failed _ -> {}
    }
    if (request instanceof Request.Writing writing) {
      taken(writing);
    }
  }

  /** A request waits no longer for the commit thread's batch. */
  private void taken(Request.Writing request) {
    waiting.release(1);
    if (lane != null) {
      lane.taken(request);
    }
  }

  /** Posts what has to stay in order with the chunks of its transaction. */
  private void postInOrder(Request.Writing request) {
    if (lane != null) {
      lane.add(request);
    } else {
      post(request);
    }
  }

  @Override
  public void commit(
      List<Message> messages, Content content, Scheduler asker, CommitCompletion completion) {
    commit(messages, content, false, asker, completion);
  }

  /**
   * The same.
   *
   * @param settlesElsewhere whether the message that it settles waits on a volume that has failed
   */
  void commit(
      List<Message> messages,
      Content content,
      boolean settlesElsewhere,
      Scheduler asker,
      CommitCompletion completion) {
    if (content.size() > partBytes) {
      var id = messages.getFirst().transaction().id();
      append(id, content.bytes().retainedDuplicate(), asker, () -> {});
      content.retain();
      enqueue(messages, Unpooled.EMPTY_BUFFER, true, settlesElsewhere, asker, content, completion);
      return;
    }
    content.retain();
    var inline = content.bytes().retainedDuplicate();
    enqueue(messages, inline, false, settlesElsewhere, asker, content, completion);
  }

  @Override
  public void commitChunked(
      List<Message> messages, ByteBuf head, Scheduler asker, CommitCompletion completion) {
    enqueue(messages, head, true, false, asker, null, completion);
  }

  private void enqueue(
      List<Message> messages,
      ByteBuf inline,
      boolean chunked,
      boolean settlesElsewhere,
      Scheduler asker,
      @Nullable Content content,
      CommitCompletion completion) {
    var encoded = TransactionCodec.encode(allocator, messages, inline.readableBytes());
    var fact = FactCodec.ofMessages(messages);
    long bytes = RecordHeader.recordBytes(encoded.readableBytes() + inline.readableBytes());
    Check.that(
        inline.readableBytes() <= partBytes
            && bytes + Facts.HEAD_BYTES + fact.readableBytes() <= mostBytes,
        "the envelope of a transaction does not fit into a segment");
    var transaction = messages.getFirst().transaction();
    var id = transaction.id();
    var settles = Settlement.of(transaction.fields());
    var key = DedupeKey.of(transaction.fields());
    Check.that(key == null || settles == null, "what settles another message is never sent again");
    var commit =
        new Request.Commit(
            id,
            messages.size(),
            encoded,
            fact,
            inline,
            chunked,
            clock.nanoTime(),
            asker,
            settles,
            settlesElsewhere,
            key,
            content,
            completion);
    var refusal = stopping ? SpoolRefusal.STOPPING : waiting.tryTake(1) ? null : SpoolRefusal.FULL;
    if (refusal != null) {
      commit.refuse(refusal);
      if (chunked) {
        abandon(id);
      }
      asker.post(commit);
      return;
    }
    if (chunked) {
      postInOrder(commit);
    } else {
      post(commit);
    }
  }

  @Override
  public void append(TransactionId id, ByteBuf part, Scheduler asker, Runnable written) {
    while (part.readableBytes() > partBytes) {
      waiting.take(1);
      postInOrder(new Request.Append(id, part.readRetainedSlice(partBytes), null, asker, () -> {}));
    }
    waiting.take(1);
    postInOrder(new Request.Append(id, part, null, asker, written));
  }

  @Override
  public void abandon(TransactionId id) {
    waiting.take(1);
    postInOrder(new Request.Abandon(id));
  }

  @Override
  public void outcome(TransactionId id, int recipient, StoredOutcome outcome) {
    post(new Request.Outcome(id, recipient, outcome));
  }

  @Override
  public void load(TransactionId id, Scheduler asker, Completion completion) {
    load(id, asker, completion, null);
  }

  /**
   * The same.
   *
   * @param unknown called on the asking scheduler instead of the completion where there is no such
   *     transaction; null where nobody else could know it
   */
  void load(TransactionId id, Scheduler asker, Completion completion, @Nullable Runnable unknown) {
    post(new Request.Load(id, asker, completion, unknown));
  }

  @Override
  public void envelopes(List<TransactionId> ids, Scheduler asker, EnvelopesCompletion completion) {
    Check.that(ids.size() <= MOST_ENVELOPES, "too many envelopes are asked for at once");
    post(new Request.Envelopes(List.copyOf(ids), asker, completion));
  }

  @Override
  public Level level() {
    return commitDuty.level();
  }

  /** True once nothing is done any more. */
  boolean isEnded() {
    return ended;
  }

  /** True once nothing positive is answered any more. */
  boolean isSealed() {
    return commitDuty.isSealed();
  }

  /** What it counts and measures. */
  public SpoolStatistics statistics() {
    return statistics;
  }

  /** How many segments hold anything. */
  int segmentsInUse() {
    return commitDuty.segmentsInUse();
  }

  @Override
  public void close() {
    endWorkers();
    end();
  }

  /** The first part of a close: its workers end, and this thread does what they did. */
  void endWorkers() {
    stopping = true;
    recoveryWorker.close();
    recoveryDuty.close();
    segmentWorker.close();
    segmentDuty.close();
    if (lane != null && laneWorker != null) {
      // Before the commit thread ends, so that it finds all that was asked before.
      laneWorker.close();
      lane.end();
    }
    var worker = commitWorker;
    if (worker != null) {
      worker.close();
    }
  }

  /** The second: what was asked for is done, and may be asked of other volumes by that. */
  void drain() {
    commitDuty.drain(clock.nanoTime());
  }

  /** The last. */
  void end() {
    commitDuty.finish(clock.nanoTime());
    ended = true;
    refuseLeft();
    lock.close();
  }
}
