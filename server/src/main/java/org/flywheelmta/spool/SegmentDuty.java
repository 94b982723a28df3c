package org.flywheelmta.spool;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Duty;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Keeps blank segments ready, so that the commit thread never makes one: creates them, zero-filled
 * and forced, and blanks those that are no longer needed. It also reads what has to be restated.
 */
@SingleThreadSafe
final class SegmentDuty implements Duty {
  /** One for the log to go on, one in reserve for outcomes. */
  static final int SPARES = 2;

  private static final int FILL_BYTES = 1024 * 1024;
  private static final long FULL_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Task(Segment segment, boolean restate) {}

  private final SpoolSettings settings;
  private final Disk disk;
  private final Consumer<Request> commits;
  private final MpscUnboundedArrayQueue<Task> tasks = new MpscUnboundedArrayQueue<>(64);
  private final AtomicInteger spares;
  private final int sparesKept;
  private final ByteBuffer zeros;
  private Runnable wake = () -> {};
  private int nextNumber;
  private boolean exhausted;
  private volatile boolean failed;

  /**
   * @param commits takes requests to the commit thread
   * @param spares how many blank segments there are at the start
   * @param nextNumber for the name of the next segment
   * @param totalBytes of the volume; blank segments take at most a tenth of it
   */
  SegmentDuty(
      SpoolSettings settings,
      Disk disk,
      Consumer<Request> commits,
      int spares,
      int nextNumber,
      long totalBytes) {
    this.settings = settings;
    this.disk = disk;
    this.commits = commits;
    this.spares = new AtomicInteger(spares);
    this.nextNumber = nextNumber;
    // One more than is made ahead, so that a steady log goes round and neither makes nor deletes.
    this.sparesKept = (int) Math.max(SPARES + 1, totalBytes / 10 / settings.segmentBytes());
    this.zeros = ByteBuffer.allocateDirect(Math.min(FILL_BYTES, settings.segmentBytes()));
  }

  /** Set once, before the first pass. */
  void setWake(Runnable wake) {
    this.wake = wake;
  }

  /** The log began with a blank segment; called by the commit thread. */
  void spareTaken() {
    spares.decrementAndGet();
    wake.run();
  }

  /** Nothing in the segment is needed; called by the commit thread. */
  void retire(Segment segment) {
    tasks.offer(new Task(segment, false));
    wake.run();
  }

  /** Reads the records that may have to be repeated; called by the commit thread. */
  void restate(Segment segment) {
    tasks.offer(new Task(segment, true));
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
    try {
      var task = tasks.relaxedPoll();
      if (task != null) {
        if (task.restate()) {
          readForRestating(task.segment());
        } else {
          blank(task.segment());
        }
        return 0;
      }
      if (spares.get() < SPARES) {
        return create();
      }
      setExhausted(false);
      return UNTIL_WOKEN;
    } catch (DiskFailure failure) {
      failed = true;
      commits.accept(new Request.Failed(failure.getMessage()));
      return UNTIL_WOKEN;
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
      try (var file = disk.create(unfinished)) {
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

  private void blank(Segment segment) throws DiskFailure {
    boolean fits = segment.header.segmentBytes() == settings.segmentBytes();
    if (!fits || spares.get() >= sparesKept) {
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
      file.force();
      // Then what the next use must find blank: a second copy of this use would be taken for it
      // where a power cut tears the next one's first copy, and a record for one of it.
      file.write(zeros.clear().limit(SegmentHeader.COPY_BYTES), SegmentHeader.SECOND_COPY);
      file.write(zeros.clear().limit(RecordHeader.BYTES), SegmentHeader.RECORDS_AT);
      file.force();
    }
    addSpare(new LogWriter.Spare(segment.header.number(), segment.path), segment);
  }

  private void readForRestating(Segment segment) {
    boolean readable = true;
    try (var file = disk.openRead(segment.path)) {
      var scan =
          new RecordScan(file, segment.header, ByteBuffer.allocateDirect(SpoolFolder.WINDOW_BYTES));
      while (scan.next()) {
        int kind = scan.header().kind;
        if (kind == RecordHeader.TRANSACTION) {
          restateSettlement(segment, scan);
        } else if (kind == RecordHeader.OUTCOME || RecordHeader.isCarried(kind)) {
          var payload = scan.payload(0, scan.header().payloadLength);
          var id = new TransactionId(scan.header().idHigh, scan.header().idLow);
          restate(segment, scan.header(), kind, id, payload);
        }
      }
    } catch (DiskFailure failure) {
      // What cannot be read stays where it is; the segment is kept.
      readable = false;
    }
    commits.accept(new Request.Restated(segment, readable));
  }

  /** What a transaction settles is a state like any other, and is repeated as one. */
  private void restateSettlement(Segment segment, RecordScan scan) throws DiskFailure {
    var prefix =
        TransactionCodec.Prefix.decode(
            Unpooled.wrappedBuffer(scan.payload(0, TransactionCodec.PREFIX_BYTES)));
    var metadata = scan.payload(TransactionCodec.PREFIX_BYTES, prefix.metadataBytes());
    var settles = TransactionCodec.outline(Unpooled.wrappedBuffer(metadata)).settles();
    if (settles != null) {
      restate(segment, scan.header(), RecordHeader.OUTCOME, settles.id(), settles.payload());
    }
  }

  private void restate(
      Segment segment, RecordHeader header, int kind, TransactionId id, byte[] payload) {
    var octets = Unpooled.wrappedBuffer(payload);
    commits.accept(new Request.Restate(segment, header.lsn, kind, header.flags, id, octets));
  }
}
