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
import org.flywheelmta.disk.DiskFailure;
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
  // The largest part of a content that goes into one record.
  private final int partBytes;
  // What a record and its fact may take.
  private final int mostBytes;
  private final Worker segmentWorker;
  private final Worker recoveryWorker;
  private volatile @Nullable Worker commitWorker;
  private volatile boolean stopping;
  private volatile boolean ended;
  // How many threads have asked for the requests that are left to be refused; one at a time does.
  private final AtomicInteger refusing = new AtomicInteger();

  private LogSpool(
      SpoolSettings settings,
      Platform platform,
      Disk disk,
      OperatorLog log,
      MemoryBudget memory,
      Recovered recovered,
      SpoolFolder folder,
      long totalBytes,
      Disk.Lock lock) {
    this.lock = lock;
    this.clock = platform.clock();
    this.allocator = platform.allocator();
    this.waiting = new Limit("spool_waiting_commits", settings.maxWaitingCommits());
    this.partBytes = Math.min(CHUNK_BYTES, settings.segmentBytes() / 4);
    this.mostBytes = LogWriter.blankRoomBytes(settings.segmentBytes());
    this.statistics = new SpoolStatistics();
    var writer =
        new LogWriter(
            disk, clock, platform.randomness(), folder.nextEpoch(), settings.segmentBytes());
    folder.blanks().forEach(writer::addSpare);
    var quarantine = new Quarantine(disk, settings.path(), log);
    var records = new RecordReader(disk, allocator, this::post, this::isSealed);
    this.segmentDuty =
        new SegmentDuty(
            settings,
            disk,
            records,
            allocator,
            new Quarantine(disk, settings.path(), log),
            this::post,
            folder.blanks().size(),
            folder.nextNumber(),
            totalBytes,
            this::segmentsInUse);
    this.commitDuty =
        new CommitDuty(
            settings,
            requests,
            waiting,
            writer,
            segmentDuty,
            platform.threadPool("spool-read", settings.readThreads(), READ_BACKLOG),
            new ContentReader(records, allocator, this::post),
            new EnvelopeReader(records, this::post),
            new ReadBack(memory, this::wakeCommits),
            statistics,
            allocator,
            clock,
            log);
    this.recoveryDuty = recovery(settings, disk, log, quarantine, folder, recovered);
    // Workers begin once everything that they reach is in place; whatever was posted before the
    // commit thread's worker is known is found by its first pass.
    this.segmentWorker = platform.worker("spool-segments", segmentDuty);
    segmentDuty.setWake(segmentWorker::wake);
    this.commitWorker = platform.worker("commit", commitDuty);
    this.recoveryWorker = platform.worker("spool-recovery", recoveryDuty);
  }

  private RecoveryDuty recovery(
      SpoolSettings settings,
      Disk disk,
      OperatorLog log,
      Quarantine quarantine,
      SpoolFolder folder,
      Recovered recovered) {
    long rate = settings.upkeep().verifyBytesPerSecond();
    return new RecoveryDuty(
        disk,
        log,
        quarantine,
        folder.segments(),
        new RecoveryScan(disk, true, settings.dedupe(), clock::wallMicros),
        new Verification(disk, quarantine, statistics, rate),
        statistics,
        this::post,
        this::isSealed,
        recovered);
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
    Disk.Lock lock = null;
    try {
      disk.createFolder(settings.path());
      lock = disk.lock(settings.path());
      var folder = SpoolFolder.read(disk, settings.path(), settings.segmentBytes());
      var refused = refusal(folder);
      if (refused != null) {
        lock.close();
        return refused;
      }
      for (var unfinished : folder.unfinished()) {
        disk.delete(unfinished);
      }
      if (!folder.unfinished().isEmpty()) {
        // A use that was over must not come back once this start has concluded that it is gone.
        disk.forceFolder(settings.path());
      }
      for (var damaged : folder.damaged()) {
        log.error("The header of " + damaged + " is damaged; the file is left as it is.");
      }
      long totalBytes = disk.totalBytes(settings.path());
      return new Opened.Ok(
          new LogSpool(settings, platform, disk, log, memory, recovered, folder, totalBytes, lock));
    } catch (DiskFailure failure) {
      if (lock != null) {
        lock.close();
      }
      var kind =
          switch (failure.kind()) {
            case LOCKED -> Opened.Kind.LOCKED;
            case DENIED -> Opened.Kind.DENIED;
            case IO, DAMAGED -> Opened.Kind.BROKEN;
            case FULL, MISSING, EXISTS -> Opened.Kind.UNUSABLE;
          };
      return new Opened.Failed(kind, "The spool cannot be opened: " + failure.getMessage());
    }
  }

  private static Opened.@Nullable Failed refusal(SpoolFolder folder) {
    if (!folder.unknown().isEmpty()) {
      var segment = folder.unknown().getFirst();
      return new Opened.Failed(
          Opened.Kind.UNKNOWN_VERSION,
          segment.path
              + " has format version "
              + segment.header.version()
              + "; this server knows version "
              + SegmentHeader.VERSION
              + " and has touched nothing.");
    }
    return null;
  }

  private void post(Request request) {
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
      case Request.Restate restate -> restate.release();
      case Request.Abandon _,
          Request.Outcome _,
          Request.Unpin _,
          Request.Adopt _,
          Request.HandedOver _,
          Request.SpareReady _,
          Request.Exhausted _,
          Request.Restated _,
          Request.Damaged _,
          Request.Failed _ -> {}
    }
    if (request instanceof Request.Writing) {
      waiting.release(1);
    }
  }

  @Override
  public void commit(
      List<Message> messages, Content content, Scheduler asker, CommitCompletion completion) {
    if (content.size() > partBytes) {
      var id = messages.getFirst().transaction().id();
      append(id, content.bytes().retainedDuplicate(), asker, () -> {});
      content.retain();
      enqueue(messages, Unpooled.EMPTY_BUFFER, true, asker, content, completion);
      return;
    }
    content.retain();
    enqueue(messages, content.bytes().retainedDuplicate(), false, asker, content, completion);
  }

  @Override
  public void commitChunked(
      List<Message> messages, ByteBuf head, Scheduler asker, CommitCompletion completion) {
    enqueue(messages, head, true, asker, null, completion);
  }

  private void enqueue(
      List<Message> messages,
      ByteBuf inline,
      boolean chunked,
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
    post(commit);
  }

  @Override
  public void append(TransactionId id, ByteBuf part, Scheduler asker, Runnable written) {
    while (part.readableBytes() > partBytes) {
      waiting.take(1);
      post(new Request.Append(id, part.readRetainedSlice(partBytes), asker, () -> {}));
    }
    waiting.take(1);
    post(new Request.Append(id, part, asker, written));
  }

  @Override
  public void abandon(TransactionId id) {
    waiting.take(1);
    post(new Request.Abandon(id));
  }

  @Override
  public void outcome(TransactionId id, int recipient, StoredOutcome outcome) {
    post(new Request.Outcome(id, recipient, outcome));
  }

  @Override
  public void load(TransactionId id, Scheduler asker, Completion completion) {
    post(new Request.Load(id, asker, completion));
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

  private boolean isSealed() {
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
    stopping = true;
    recoveryWorker.close();
    recoveryDuty.close();
    segmentWorker.close();
    segmentDuty.close();
    var worker = commitWorker;
    if (worker != null) {
      worker.close();
    }
    // The workers have ended, so this thread owns the commit thread's work from here on.
    commitDuty.finish(clock.nanoTime());
    ended = true;
    refuseLeft();
    lock.close();
  }
}
