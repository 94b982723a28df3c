package org.flywheelmta.event;

import java.nio.ByteBuffer;
import java.util.Queue;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * Empties the ring into files, batch by batch. A batch that could not be written is kept as it is
 * and written whole to the next file: a line may then stand in two files, with the same id.
 */
@SingleThreadSafe
final class EventWriter {
  /** A batch is written once it holds this much; one line may exceed it. */
  static final int BATCH_BYTES = 256 << 10;

  static final long RETRY_NANOS = 1_000_000_000;

  /** A file that has been written for so long is followed by the next, however short it is. */
  static final long FILE_NANOS = 24 * 3_600_000_000_000L;

  /** How a pass ended. */
  enum Pass {
    /** There was nothing to write. */
    NOTHING,
    /** The ring was emptied. */
    WROTE,
    /** A batch was written, and more may wait. */
    FULL_BATCH,
    /** The disk failed; the batch waits for the next try. */
    FAILED
  }

  private final EventFiles files;
  private final EventLines lines;
  private final Queue<MailEvent> ring;
  private final Limit slots;
  private final OperatorLog operator;
  private final long fileBytes;
  private final @Nullable IndexWriter index;
  private final Counter written = new Counter("flywheel_events_written_total");

  private @Nullable DiskFile file;
  private long position;
  private long begunNanos;
  private boolean failing;
  private long retryAtNanos;

  /**
   * @param index null for files without one
   */
  EventWriter(
      EventFiles files,
      EventLines lines,
      Queue<MailEvent> ring,
      Limit slots,
      OperatorLog operator,
      long fileBytes,
      @Nullable IndexWriter index) {
    this.files = files;
    this.lines = lines;
    this.ring = ring;
    this.slots = slots;
    this.operator = operator;
    this.fileBytes = fileBytes;
    this.index = index;
  }

  /** Writes one batch, unless the disk failed less than {@link #RETRY_NANOS} ago. */
  Pass pass(long nowNanos) {
    if (failing && untilRetry(nowNanos) > 0) {
      return Pass.FAILED;
    }
    boolean more = fill();
    if (lines.events() == 0) {
      return Pass.NOTHING;
    }
    try {
      write(lines.bytes(), nowNanos);
    } catch (DiskFailure failure) {
      onFailure(failure, nowNanos);
      return Pass.FAILED;
    }
    onWritten(nowNanos);
    return more ? Pass.FULL_BATCH : Pass.WROTE;
  }

  long untilRetry(long nowNanos) {
    return Math.max(0, retryAtNanos - nowNanos);
  }

  Counter written() {
    return written;
  }

  /** Moves events from the ring to the batch; returns whether the batch ended before the ring. */
  private boolean fill() {
    while (lines.size() < BATCH_BYTES) {
      var event = ring.poll();
      if (event == null) {
        return false;
      }
      if (index != null) {
        index.add(event, lines.size());
      }
      lines.add(event);
    }
    return true;
  }

  private void write(ByteBuffer bytes, long nowNanos) throws DiskFailure {
    var open = file;
    if (open == null) {
      open = files.next();
      file = open;
      position = 0;
      begunNanos = nowNanos;
    }
    int length = bytes.remaining();
    open.write(bytes, position);
    if (index != null) {
      index.append(files.currentIndex(), position, length);
    }
    position += length;
  }

  private void onWritten(long nowNanos) {
    written.add(lines.events());
    slots.release(lines.events());
    lines.clear();
    if (failing) {
      failing = false;
      operator.info("events are written again, to " + files.currentLines());
    }
    if (position >= fileBytes || nowNanos - begunNanos >= FILE_NANOS) {
      endFile();
    }
  }

  private void onFailure(DiskFailure failure, long nowNanos) {
    if (!failing) {
      failing = true;
      operator.error(
          "events cannot be written and wait in memory, the next try is in a second: "
              + failure.getMessage());
    }
    retryAtNanos = nowNanos + RETRY_NANOS;
    if (file != null && position == 0) {
      // It holds at most a part of the batch that is kept: a full volume would collect such files.
      file.close();
      file = null;
      files.discard();
    } else {
      endFile();
    }
  }

  private void endFile() {
    if (file == null) {
      return;
    }
    try {
      file.force();
    } catch (DiskFailure failure) {
      if (!failing) {
        operator.error(
            "an event file could not be forced and may be incomplete after a power cut: "
                + failure.getMessage());
      }
    }
    file.close();
    file = null;
    if (index != null) {
      index.end();
    }
  }

  /** Writes everything that waits, with one last try where the disk fails, and ends the file. */
  void finish() {
    failing = false;
    retryAtNanos = 0;
    int failures = 0;
    while (failures < 2) {
      switch (pass(0)) {
        case FAILED -> {
          failures++;
          retryAtNanos = 0;
        }
        case NOTHING -> {
          endFile();
          return;
        }
        case WROTE, FULL_BATCH -> failures = 0;
      }
    }
    endFile();
    operator.error(
        (lines.events() + ring.size()) + " events are lost, since the disk did not take them");
  }
}
