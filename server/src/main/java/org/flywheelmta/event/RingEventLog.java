package org.flywheelmta.event;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Duty;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.Worker;
import org.jctools.queues.MpscArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The event log in files: a bounded ring that any thread fills, and one worker that empties it into
 * lines of JSON, with one write to the disk for each batch.
 *
 * <p>A slot is taken from its reservation until its line was written. While the disk fails, events
 * stay in the ring, admission closes as it fills, and every second the writer tries a fresh file.
 * What was written survives a kill of the process; files are forced when they are full and at
 * {@link #close}, so a power cut loses what the system had not yet written back.
 */
@ConcurrentThreadSafe
public final class RingEventLog implements EventLog, AutoCloseable {
  /** How long the writer rests between batches while events flow. */
  static final long POLL_NANOS = 5_000_000;

  /** How often files are looked at whose time may be over. */
  static final long KEEP_NANOS = 3_600_000_000_000L;

  /**
   * What an event log is opened with.
   *
   * @param folder where its files go; made when it is missing
   * @param node name of this server in every event
   * @param ringSlots how many events may be reserved, or wait to be written
   * @param fileBytes a file that has reached this size, at most {@link #MOST_FILE_BYTES}, is
   *     followed by the next
   * @param retentionSeconds how long a file stays after it was finished; 0 for ever
   * @param totalBytes what all files may take, with their indexes, until the oldest go; 0 for any
   */
  public record Settings(
      Path folder,
      String node,
      int ringSlots,
      long fileBytes,
      long retentionSeconds,
      long totalBytes) {
    /** The index has 32 bits for the place of a line. */
    public static final long MOST_FILE_BYTES = 1L << 30;

    /** 65,536 slots; files of 256 MiB, all of them kept. */
    public static Settings of(Path folder, String node) {
      return new Settings(folder, node, 1 << 16, 256L << 20, 0, 0);
    }

    public Settings {
      Check.that(ringSlots >= 4, "an event ring of fewer than four slots");
      Check.that(
          fileBytes > 0 && fileBytes <= MOST_FILE_BYTES, "event files of no size, or too large");
      Check.that(retentionSeconds >= 0 && totalBytes >= 0, "a negative limit of event files");
    }
  }

  private final Limit slots;
  private final MpscArrayQueue<MailEvent> ring;
  private final EventWriter writer;
  private final OperatorLog operator;
  private final Counter leftOut = new Counter("flywheel_events_left_out_total");
  private final AtomicBoolean leavingOut = new AtomicBoolean();
  // True while only a wake-up brings the writer back; whoever clears it wakes the writer.
  private final AtomicBoolean idle = new AtomicBoolean();
  private final EventFiles files;
  private final Worker worker;
  // Made last; the writer may run before.
  private volatile @Nullable Worker keeper;
  private @Nullable EventFileName known;
  private long keptNanos;

  private RingEventLog(Settings settings, Disk disk, Platform platform, OperatorLog operator) {
    this.slots = new Limit("event_ring_slots", settings.ringSlots());
    this.ring = new MpscArrayQueue<>(settings.ringSlots());
    this.operator = operator;
    this.files = new EventFiles(disk, platform.clock(), settings.folder());
    var index = new IndexWriter(disk, operator);
    var lines = new EventLines(settings.node(), platform.clock().wallMicros());
    this.writer = new EventWriter(files, lines, ring, slots, operator, settings.fileBytes(), index);
    this.worker = platform.worker("event-log", this::pass);
    this.keeper =
        platform.worker(
            "event-index", new IndexDuty(disk, platform.clock(), files, operator, settings));
  }

  /**
   * Opens the log and starts its writer. The first file is created with the first event.
   *
   * @throws DiskFailure when the folder cannot be made
   */
  public static RingEventLog open(
      Settings settings, Disk disk, Platform platform, OperatorLog operator) throws DiskFailure {
    disk.createFolder(settings.folder());
    return new RingEventLog(settings, disk, platform, operator);
  }

  @Override
  public boolean reserve(int count) {
    return slots.tryTake(count);
  }

  @Override
  public void release(int count) {
    slots.release(count);
  }

  @Override
  public void publish(MailEvent event) {
    Check.that(ring.offer(event), "an event without a reserved slot");
    // The offer above has moved the ring's index by compare-and-set before this read, and the
    // writer looks at that index after it has set the flag: one of the two sees the other.
    if (idle.get() && idle.compareAndSet(true, false)) {
      worker.wake();
    }
  }

  @Override
  public void offer(MailEvent event) {
    // The other half is for events of mail that was taken: a flood of refusals never stops it.
    if (slots.taken() < slots.maximum() / 2 && slots.tryTake(1)) {
      publish(event);
      return;
    }
    leftOut.increment();
    if (leavingOut.compareAndSet(false, true)) {
      operator.warning("the event log has no room; events of refused mail are left out");
    }
  }

  @Override
  public Level level() {
    long taken = slots.taken();
    long size = slots.maximum();
    if (taken > size - size / 4) {
      return Level.PAUSED;
    }
    return taken > size / 2 ? Level.REFUSING : Level.OPEN;
  }

  /** How many slots are taken: reserved, or of events that are not written yet. */
  public long slotsTaken() {
    return slots.taken();
  }

  /** What the log counts, for metrics. */
  public List<Counter> counters() {
    return List.of(writer.written(), leftOut);
  }

  private long pass(long nowNanos) {
    var result = writer.pass(nowNanos);
    wakeKeeper(nowNanos);
    if (leavingOut.get() && level() == Level.OPEN && leavingOut.compareAndSet(true, false)) {
      operator.info(
          "the event log has room again; " + leftOut.value() + " events were left out since start");
    }
    return switch (result) {
      case EventWriter.Pass.FULL_BATCH -> 0;
      case EventWriter.Pass.WROTE -> POLL_NANOS;
      case EventWriter.Pass.FAILED -> writer.untilRetry(nowNanos);
      case EventWriter.Pass.NOTHING -> rest();
    };
  }

  /** The folder is looked after when a file begins, and within an hour while events come. */
  private void wakeKeeper(long nowNanos) {
    var current = files.current();
    var woken = keeper;
    if (woken != null && (current != known || nowNanos - keptNanos >= KEEP_NANOS)) {
      known = current;
      keptNanos = nowNanos;
      woken.wake();
    }
  }

  private long rest() {
    idle.set(true);
    if (ring.isEmpty() || !idle.compareAndSet(true, false)) {
      return Duty.UNTIL_WOKEN;
    }
    return 0;
  }

  /**
   * Writes what is left, forces the file and ends the writer; blocks. Nobody publishes any more.
   * What a failing disk does not take at this last try is lost, and the operator is told how much.
   */
  @Override
  public void close() {
    worker.close();
    var keeping = keeper;
    if (keeping != null) {
      keeping.close();
    }
    writer.finish();
  }
}
