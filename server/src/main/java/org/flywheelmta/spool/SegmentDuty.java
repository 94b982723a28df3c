package org.flywheelmta.spool;

import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Duty;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Keeps blank segments ready, so that the commit thread never makes one: creates them, zero-filled
 * and forced, and blanks those that are no longer needed. It also reads what has to be restated,
 * and, when nothing else is to be done and no faster than it may, what compaction moves.
 */
@SingleThreadSafe
final class SegmentDuty implements Duty {
  /** One for the log to go on, one in reserve for outcomes. */
  static final int SPARES = 2;

  private static final int FILL_BYTES = 1024 * 1024;
  private static final long FULL_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Octets that compaction has on the way to the commit thread at most. */
  private static final long MOST_MOVING_BYTES = 1024 * 1024;

  private static final long STEP_BYTES = 256 * 1024;
  private static final long MOVING_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private enum Work {
    BLANK,
    RESTATE,
    COMPACT,
    KEEP_DAMAGED
  }

  /** Something to do. */
  private static final class Task {
    final Work work;
    final Segment segment;
    // Positions of the records that survive, for compaction.
    final int[] bodies;
    // What is to be set aside.
    final @Nullable Extent damaged;

    Task(Work work, Segment segment, int[] bodies, @Nullable Extent damaged) {
      this.work = work;
      this.segment = segment;
      this.bodies = bodies;
      this.damaged = damaged;
    }

    static Task of(Work work, Segment segment) {
      return new Task(work, segment, new int[0], null);
    }
  }

  private final SpoolSettings settings;
  private final Disk disk;
  private final Consumer<Request> commits;
  private final MpscUnboundedArrayQueue<Task> tasks = new MpscUnboundedArrayQueue<>(64);
  private final AtomicInteger spares;
  private final int mostSpares;
  private final Turnover turnover = new Turnover();
  private final IntSupplier segmentsInUse;
  private final ByteBuffer zeros;
  private final ScanWindow window = new ScanWindow();
  private Runnable wake = () -> {};
  private final RecordReader records;
  private final ByteBufAllocator allocator;
  private final Quarantine quarantine;
  private final AtomicLong moving = new AtomicLong();
  private volatile boolean compacting;
  private @Nullable Extraction extraction;
  // What found no room, and is begun again.
  private @Nullable Task unfinished;
  private long nextMoveNanos = Long.MIN_VALUE;
  private int nextNumber;
  private boolean exhausted;
  private volatile boolean failed;

  /**
   * @param commits takes requests to the commit thread
   * @param spares how many blank segments there are at the start
   * @param nextNumber for the name of the next segment
   * @param totalBytes of the volume; blank segments take at most a tenth of it
   * @param segmentsInUse how many hold anything, about; blank ones are at most an eighth of those,
   *     or what {@link Turnover} asks for
   */
  SegmentDuty(
      SpoolSettings settings,
      Disk disk,
      RecordReader records,
      ByteBufAllocator allocator,
      Quarantine quarantine,
      Consumer<Request> commits,
      int spares,
      int nextNumber,
      long totalBytes,
      IntSupplier segmentsInUse) {
    this.settings = settings;
    this.disk = disk;
    this.records = records;
    this.allocator = allocator;
    this.quarantine = quarantine;
    this.commits = commits;
    this.spares = new AtomicInteger(spares);
    this.nextNumber = nextNumber;
    this.segmentsInUse = segmentsInUse;
    this.mostSpares = (int) Math.max(SPARES + 1, totalBytes / 10 / settings.segmentBytes());
    this.zeros = Disk.blocks(Math.min(FILL_BYTES, settings.segmentBytes()));
  }

  /** Set once, before the first pass. */
  void setWake(Runnable wake) {
    this.wake = wake;
  }

  /** The log began with a blank segment; called by the commit thread. */
  void spareTaken() {
    spares.decrementAndGet();
    turnover.taken();
    wake.run();
  }

  /** Nothing in the segment is needed; called by the commit thread. */
  void retire(Segment segment) {
    tasks.offer(Task.of(Work.BLANK, segment));
    wake.run();
  }

  /** Reads the records that may have to be repeated; called by the commit thread. */
  void restate(Segment segment) {
    tasks.offer(Task.of(Work.RESTATE, segment));
    wake.run();
  }

  /** Has the survivors of a segment read; called by the commit thread, for one at a time. */
  void compact(Segment segment, int[] bodies) {
    compacting = true;
    tasks.offer(new Task(Work.COMPACT, segment, bodies, null));
    wake.run();
  }

  /** Whether one is being compacted; for the commit thread. */
  boolean isCompacting() {
    return compacting;
  }

  /** A record that was sent is with the commit thread no longer; called by it. */
  void taken(Request.Restate restate) {
    long before = moving.getAndAdd(-Extraction.bytes(restate));
    if (before > MOST_MOVING_BYTES / 2) {
      wake.run();
    }
  }

  /** Has a damaged record set aside; called by the commit thread, which pins its segment. */
  void keepDamaged(Extent extent) {
    tasks.offer(new Task(Work.KEEP_DAMAGED, extent.segment(), new int[0], extent));
    wake.run();
  }

  /** The volume is sealed: nothing is made, blanked or forced any more; by the commit thread. */
  void seal() {
    failed = true;
  }

  @Override
  public long run(long nowNanos) {
    if (failed) {
      return UNTIL_WOKEN;
    }
    turnover.pass(nowNanos);
    try {
      var task = unfinished == null ? tasks.relaxedPoll() : unfinished;
      if (task != null) {
        unfinished = task;
        begin(task);
        unfinished = null;
        return 0;
      }
      if (spares.get() < SPARES) {
        long rest = create();
        if (rest == 0) {
          return 0;
        }
        return Math.min(rest, move(nowNanos));
      }
      setExhausted(false);
      return move(nowNanos);
    } catch (DiskFailure failure) {
      if (failure.kind() == DiskFailure.Kind.FULL && unfinished != null) {
        // A write in place that finds no room may find some later.
        return FULL_RETRY_NANOS;
      }
      failed = true;
      commits.accept(new Request.Failed(failure.getMessage()));
      return UNTIL_WOKEN;
    }
  }

  private void begin(Task task) throws DiskFailure {
    switch (task.work) {
      case BLANK -> blank(task.segment);
      case RESTATE -> {
        var all = extraction(task);
        if (all != null) {
          // All at once: on a full disk it is only as a whole that it makes room.
          try {
            all.step(Long.MAX_VALUE);
          } finally {
            all.close();
          }
          moving.addAndGet(all.takeSent());
        }
      }
      case COMPACT -> {
        extraction = extraction(task);
        compacting = extraction != null;
      }
      case KEEP_DAMAGED -> {
        if (task.damaged != null) {
          quarantine.keepDamaged(task.damaged);
        }
        commits.accept(new Request.Unpin(List.of(task.segment)));
      }
    }
  }

  private @Nullable Extraction extraction(Task task) {
    try {
      return new Extraction(task.segment, task.bodies, disk, records, allocator, window, commits);
    } catch (DiskFailure failure) {
      commits.accept(Extraction.unreadable(task.segment));
      return null;
    }
  }

  /** Moves a little of the segment that is being compacted, no faster than it may. */
  private long move(long nowNanos) {
    var under = extraction;
    if (under == null) {
      return UNTIL_WOKEN;
    }
    if (nowNanos < nextMoveNanos) {
      return nextMoveNanos - nowNanos;
    }
    long room = MOST_MOVING_BYTES - moving.get();
    if (room <= 0) {
      return MOVING_REST_NANOS;
    }
    under.step(Math.min(room, STEP_BYTES));
    long sent = under.takeSent();
    moving.addAndGet(sent);
    long cost = sent * TimeUnit.SECONDS.toNanos(1) / settings.upkeep().compactionBytesPerSecond();
    nextMoveNanos = nowNanos + cost;
    if (under.isEnded()) {
      extraction = null;
      compacting = false;
    }
    return Math.max(0, cost);
  }

  /** Gives back what it holds; after the worker has ended. */
  void close() {
    if (extraction != null) {
      extraction.close();
      extraction = null;
    }
  }

  private void setExhausted(boolean now) {
    if (exhausted != now) {
      exhausted = now;
      commits.accept(new Request.Exhausted(now));
    }
  }

  private long create() throws DiskFailure {
    int size = settings.segmentBytes();
    // The last spare is for outcomes alone, and what is kept free of the volume is for them too: so
    // deliveries go on although no new mail is taken.
    boolean guarded = spares.get() > 0;
    if (guarded && disk.freeBytes(settings.path()) - size < settings.freeReserveBytes()) {
      setExhausted(true);
      return FULL_RETRY_NANOS;
    }
    var unfinished = SpoolFolder.unfinished(settings.path(), nextNumber);
    var path = SpoolFolder.segment(settings.path(), nextNumber);
    try {
      if (disk.exists(unfinished)) {
        disk.delete(unfinished);
      }
      try (var file =
          settings.directIo() ? disk.createDirect(unfinished) : disk.create(unfinished)) {
        for (int at = 0; at < size; at += zeros.capacity()) {
          zeros.clear().limit(Math.min(zeros.capacity(), size - at));
          file.write(zeros, at);
        }
        file.force();
      }
      // The name of a segment is given to forced zeros only, so that no file of that name is ever
      // shorter than it should be or holds what the volume had there before.
      disk.rename(unfinished, path);
      disk.forceFolder(settings.path());
    } catch (DiskFailure failure) {
      if (failure.kind() != DiskFailure.Kind.FULL) {
        throw failure;
      }
      if (disk.exists(unfinished)) {
        disk.delete(unfinished);
      }
      setExhausted(true);
      return FULL_RETRY_NANOS;
    }
    addSpare(new LogWriter.Spare(nextNumber++, path), null);
    return 0;
  }

  private void addSpare(LogWriter.Spare spare, @Nullable Segment retired) {
    spares.incrementAndGet();
    commits.accept(new Request.SpareReady(spare, retired));
    if (spares.get() >= SPARES) {
      setExhausted(false);
    }
  }

  /** One more than is made ahead, so that a steady log goes round and neither makes nor deletes. */
  private int sparesKept() {
    int atRest = Math.max(SPARES + 1, segmentsInUse.getAsInt() / 8);
    return Math.min(mostSpares, Math.max(atRest, turnover.lately()));
  }

  private void blank(Segment segment) throws DiskFailure {
    boolean fits = segment.header.segmentBytes() == settings.segmentBytes();
    if (!fits || spares.get() >= sparesKept()) {
      disk.delete(segment.path);
      // Until the name is gone for good its records may come back, and with them the transactions
      // whose final states the accounts forget from here on.
      disk.forceFolder(settings.path());
      commits.accept(new Request.SpareReady(null, segment));
      return;
    }
    try (var file = disk.openWrite(segment.path)) {
      // Retired and forced first: until then the second copy stands for a use that is whole; from
      // then on the segment is no use at all, so a power cut in the rest leaves neither a bad
      // header nor one whose first record is gone, which would both look like damage. As above,
      // the accounts forget only what a power cut cannot bring back.
      file.write(SegmentHeader.retired(), 0);
      FinalForce.of(file, segment.path);
      // Then what the next use must find blank: a second copy of this use would be taken for it
      // where a power cut tears the next one's first copy, and a record for one of it.
      file.write(zeros.clear().limit(SegmentHeader.COPY_BYTES), SegmentHeader.SECOND_COPY);
      file.write(zeros.clear().limit(RecordHeader.BYTES), SegmentHeader.RECORDS_AT);
      FinalForce.of(file, segment.path);
    }
    addSpare(new LogWriter.Spare(segment.header.number(), segment.path), segment);
  }
}
