package org.flywheelmta.spool;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.flywheelmta.scheduler.Duty;
import org.jspecify.annotations.Nullable;

/**
 * Reads segments in full of which a start believed the checkpoints, once and with a limited rate,
 * and sets aside what it finds, as recovery does where it reads all.
 */
@SingleThreadSafe
final class Verification {
  // A step reads so much at most before others have a turn.
  private static final int STEP_BYTES = 1024 * 1024;

  private final Disk disk;
  private final Quarantine quarantine;
  private final SpoolStatistics statistics;
  private final long bytesPerSecond;
  private final ScanWindow window = new ScanWindow();
  private final ArrayDeque<Segment> segments = new ArrayDeque<>();
  private @Nullable Segment segment;
  private @Nullable DiskFile file;
  private @Nullable RecordScan scan;

  /**
   * @param bytesPerSecond how fast it may read; 0 for not at all
   */
  Verification(Disk disk, Quarantine quarantine, SpoolStatistics statistics, long bytesPerSecond) {
    this.disk = disk;
    this.quarantine = quarantine;
    this.statistics = statistics;
    this.bytesPerSecond = bytesPerSecond;
  }

  void begin(List<Segment> checkpointed) {
    if (bytesPerSecond > 0) {
      segments.addAll(checkpointed);
    }
  }

  /** Reads a little; gives how long to rest, as a duty does. */
  long step(long nowNanos) throws DiskFailure {
    var reading = scan;
    if (reading == null) {
      var next = segments.poll();
      if (next == null) {
        return Duty.UNTIL_WOKEN;
      }
      reading = open(next);
      if (reading == null) {
        return 0;
      }
    }
    int from = reading.position();
    while (reading.position() - from < STEP_BYTES) {
      if (!reading.next()) {
        end(reading);
        break;
      }
    }
    int read = Math.max(RecordHeader.BYTES, reading.position() - from);
    statistics.verified(read);
    return TimeUnit.SECONDS.toNanos(1) * read / bytesPerSecond;
  }

  private @Nullable RecordScan open(Segment next) throws DiskFailure {
    DiskFile opened;
    try {
      opened = disk.openRead(next.path);
    } catch (DiskFailure failure) {
      if (failure.kind() == DiskFailure.Kind.MISSING) {
        // Nothing in it was needed any more.
        return null;
      }
      throw failure;
    }
    segment = next;
    file = opened;
    scan = new RecordScan(opened, next.header, window.buffer());
    return scan;
  }

  private void end(RecordScan reading) throws DiskFailure {
    var read = segment;
    var opened = file;
    if (read != null && opened != null && isStill(read, opened)) {
      for (var hole : reading.holesWithEnd()) {
        quarantine.keep(new RecoveryScan.Finding(read, hole, true));
      }
    }
    close();
  }

  /** Whether it was not blanked while it was read. */
  private static boolean isStill(Segment segment, DiskFile file) throws DiskFailure {
    var block = ByteBuffer.allocate(SegmentHeader.READ_BYTES);
    return file.read(block, 0) == SegmentHeader.READ_BYTES
        && SegmentHeader.read(block) instanceof SegmentHeader.Read.Valid(var header)
        && header.incarnation() == segment.header.incarnation();
  }

  void close() {
    if (file != null) {
      file.close();
    }
    file = null;
    scan = null;
    segment = null;
  }
}
