package org.flywheelmta.event;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * Appends batches of audit events to files, and takes old files away when it begins one. A batch
 * that could not be written is kept and written whole to the next file.
 */
@SingleThreadSafe
final class AuditWriter {
  static final int BATCH_BYTES = 256 << 10;
  static final long RETRY_NANOS = 1_000_000_000;

  /** A file that has been written for so long is followed by the next, however short it is. */
  static final long FILE_NANOS = 24 * 3_600_000_000_000L;

  private final FileAuditLog.Settings settings;
  private final Disk disk;
  private final Clock clock;
  private final OperatorLog operator;
  private final EventFiles files;
  private final AuditLines lines;

  private @Nullable DiskFile file;
  private long position;
  private long begunNanos;
  private boolean failing;
  private long retryAtNanos;

  AuditWriter(FileAuditLog.Settings settings, Disk disk, Clock clock, OperatorLog operator) {
    this.settings = settings;
    this.disk = disk;
    this.clock = clock;
    this.operator = operator;
    this.files = new EventFiles(disk, clock, settings.folder(), EventFileName.AUDIT);
    this.lines = new AuditLines(settings.node());
  }

  /** Nanoseconds until a disk that has failed is tried again; 0 where it may be tried. */
  long untilRetry(long nowNanos) {
    return failing ? Math.max(0, retryAtNanos - nowNanos) : 0;
  }

  /** Adds a line that says how many are missing. */
  void gap(long missing) {
    lines.add(
        new AuditEvent(
            AuditEvent.Type.GAP,
            clock.wallMicros(),
            "",
            List.of(),
            "",
            new AuditEvent.Where("", "", "", false),
            "no room",
            missing));
  }

  /** Whether the batch takes another line. */
  boolean hasRoom() {
    return lines.size() < BATCH_BYTES;
  }

  /** Moves events to the batch; returns whether the batch ended before they did. */
  boolean fill(Queue<AuditEvent> events) {
    while (hasRoom()) {
      var event = events.poll();
      if (event == null) {
        return false;
      }
      lines.add(event);
    }
    return true;
  }

  /** Writes the batch; false where the disk failed and the batch waits. */
  boolean write(long nowNanos) {
    if (lines.events() == 0) {
      return true;
    }
    try {
      var open = file == null ? begin(nowNanos) : file;
      var bytes = lines.bytes();
      int length = bytes.remaining();
      open.write(bytes, position);
      position += length;
    } catch (DiskFailure failure) {
      onFailure(failure, nowNanos);
      return false;
    }
    lines.clear();
    if (failing) {
      failing = false;
      operator.info("the audit is written again, to " + files.currentLines());
    }
    if (position >= settings.fileBytes() || nowNanos - begunNanos >= FILE_NANOS) {
      end();
    }
    return true;
  }

  private DiskFile begin(long nowNanos) throws DiskFailure {
    var begun = files.next();
    file = begun;
    position = 0;
    begunNanos = nowNanos;
    takeAway();
    return begun;
  }

  private void onFailure(DiskFailure failure, long nowNanos) {
    if (!failing) {
      failing = true;
      operator.error(
          "the audit cannot be written and waits in memory, the next try is in a second: "
              + failure.getMessage());
    }
    retryAtNanos = nowNanos + RETRY_NANOS;
    if (file != null && position == 0) {
      // It holds at most a part of the batch that is kept: a full volume would collect such files.
      file.close();
      file = null;
      files.discard();
    } else {
      end();
    }
  }

  private void end() {
    if (file == null) {
      return;
    }
    try {
      file.force();
    } catch (DiskFailure failure) {
      operator.error(
          "an audit file could not be forced and may be incomplete after a power cut: "
              + failure.getMessage());
    }
    file.close();
    file = null;
  }

  /** Takes away what is too old, and the oldest of what is too much; never the current file. */
  private void takeAway() {
    try {
      var names = new TreeSet<EventFileName>();
      for (var path : disk.list(settings.folder())) {
        var name = EventFileName.ofAudit(path);
        if (name != null) {
          names.add(name);
        }
      }
      var current = files.current();
      long excess = settings.totalBytes() == 0 ? 0 : bytes(names) - settings.totalBytes();
      long bound = clock.wallMicros() / 1_000_000 - settings.retentionSeconds();
      for (var name : names) {
        var next = names.higher(name);
        boolean old = settings.retentionSeconds() > 0 && next != null && next.second() < bound;
        if (name.equals(current) || (!old && excess <= 0)) {
          return;
        }
        excess -= size(name);
        disk.delete(name.lines(settings.folder()));
      }
    } catch (DiskFailure failure) {
      operator.warning("old audit files could not be taken away: " + failure.getMessage());
    }
  }

  private long bytes(Set<EventFileName> names) throws DiskFailure {
    long bytes = 0;
    for (var name : names) {
      bytes += size(name);
    }
    return bytes;
  }

  private long size(EventFileName name) throws DiskFailure {
    try (var open = disk.openRead(name.lines(settings.folder()))) {
      return open.size();
    }
  }

  /** Writes everything that waits, with one last try where the disk fails, and ends the file. */
  void finish(Queue<AuditEvent> events) {
    failing = false;
    int failures = 0;
    boolean more = true;
    while (more && failures < 2) {
      boolean filled = fill(events);
      boolean written = write(0);
      failures = written ? 0 : failures + 1;
      more = filled || !written;
    }
    end();
    if (failures > 0) {
      operator.error(
          (lines.events() + events.size())
              + " lines of the audit are lost, since the disk did not take them");
    }
  }
}
