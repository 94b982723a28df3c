package org.flywheelmta.event;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Duty;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.Worker;
import org.jctools.queues.MpscArrayQueue;

/**
 * The audit in files {@code audit-YYYYMMDDTHHMMSS-N.jsonl}: a bounded ring that any thread fills,
 * and one worker that empties it. While the disk fails the operator knows, lines wait, and a fresh
 * file is tried every second. What the ring has no room for is counted; the count is a line of its
 * own once there is one. Lines survive a kill of the process once they are written; files are
 * forced when they end.
 */
@ConcurrentThreadSafe
public final class FileAuditLog implements AuditLog, AutoCloseable {
  /** How many events may wait to be written. */
  static final int WAITING_EVENTS = 16_384;

  private static final int NAMES_TRIED = 10;

  /**
   * What an audit is opened with.
   *
   * @param folder where its files go; made when it is missing
   * @param node name of this server in every line
   * @param fileBytes a file that has reached this size is followed by the next
   * @param retentionSeconds how long a file stays after the next was begun; 0 for ever
   * @param totalBytes what all files may take, until the oldest go; 0 for any
   */
  public record Settings(
      Path folder, String node, long fileBytes, long retentionSeconds, long totalBytes) {
    /** Files of 16 MiB, for 90 days, 1 GiB at most. */
    public static Settings of(Path folder, String node) {
      return new Settings(folder, node, 16 << 20, TimeUnit.DAYS.toSeconds(90), 1 << 30);
    }
  }

  private final MpscArrayQueue<AuditEvent> ring = new MpscArrayQueue<>(WAITING_EVENTS);
  private final AtomicLong left = new AtomicLong();
  private final AtomicBoolean leaving = new AtomicBoolean();
  private final Counter leftOut = new Counter("flywheel_audit_left_out_total");
  private final OperatorLog operator;
  private final AuditWriter writer;
  private final Worker worker;

  private FileAuditLog(Settings settings, Disk disk, Platform platform, OperatorLog operator) {
    this.operator = operator;
    this.writer = new AuditWriter(settings, disk, platform.clock(), operator);
    this.worker = platform.worker("audit", this::pass);
  }

  /**
   * Opens the audit and starts its writer. The first file is created with the first event.
   *
   * @throws DiskFailure when the folder cannot be made
   */
  public static FileAuditLog open(
      Settings settings, Disk disk, Platform platform, OperatorLog operator) throws DiskFailure {
    disk.createFolder(settings.folder());
    return new FileAuditLog(settings, disk, platform, operator);
  }

  /**
   * Writes some events to a file of their own, forced, for a command beside the server; blocks.
   *
   * @throws DiskFailure when they were not written
   */
  public static void append(
      Path folder, String node, Disk disk, Clock clock, List<AuditEvent> events)
      throws DiskFailure {
    disk.createFolder(folder);
    var lines = new AuditLines(node);
    events.forEach(lines::add);
    var files = new EventFiles(disk, clock, folder, EventFileName.AUDIT);
    for (int i = 1; ; i++) {
      try (var file = files.next()) {
        file.write(lines.bytes(), 0);
        file.force();
        return;
      } catch (DiskFailure failure) {
        // Another process may have taken the name in the meantime.
        if (failure.kind() != DiskFailure.Kind.EXISTS || i == NAMES_TRIED) {
          throw failure;
        }
      }
    }
  }

  @Override
  public void write(AuditEvent event) {
    if (!ring.offer(event)) {
      left.incrementAndGet();
      leftOut.increment();
      if (leaving.compareAndSet(false, true)) {
        operator.error("the audit has no room; lines of it are left out and counted");
      }
    }
    worker.wake();
  }

  /** Events that found no room. */
  public Counter leftOut() {
    return leftOut;
  }

  private long pass(long nowNanos) {
    long wait = writer.untilRetry(nowNanos);
    if (wait > 0) {
      return wait;
    }
    // While the disk fails the batch stays full, and the count goes on instead of a line a second.
    long missing = writer.hasRoom() ? left.getAndSet(0) : 0;
    if (missing > 0) {
      leaving.set(false);
      writer.gap(missing);
    }
    boolean more = writer.fill(ring);
    if (!writer.write(nowNanos)) {
      return writer.untilRetry(nowNanos);
    }
    return more ? 0 : Duty.UNTIL_WOKEN;
  }

  /** Writes what is left, forces the file and ends the worker; blocks. Nobody writes any more. */
  @Override
  public void close() {
    worker.close();
    long missing = left.getAndSet(0);
    if (missing > 0) {
      writer.gap(missing);
    }
    writer.finish(ring);
  }
}
