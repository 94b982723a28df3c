package org.flywheelmta.event;

import java.nio.file.Path;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * Appends to the index of the event file that is being written. What goes wrong ends the index of
 * that file and nothing else: lines that no index covers are read when somebody searches.
 */
@SingleThreadSafe
final class IndexWriter {
  private final Disk disk;
  private final OperatorLog operator;
  private final IndexFrame frame = new IndexFrame();
  private @Nullable DiskFile file;
  private long position;
  private boolean failing;

  IndexWriter(Disk disk, OperatorLog operator) {
    this.disk = disk;
    this.operator = operator;
  }

  /** Adds an event of the batch whose line begins at octet {@code at} of the batch. */
  void add(MailEvent event, int at) {
    frame.add(event, at);
  }

  /**
   * Appends the entries of a batch that was written.
   *
   * @param index of the file that has it
   * @param from where the batch begins in that file; 0 begins the index, too
   * @param length of the batch in octets
   */
  void append(Path index, long from, int length) {
    try {
      if (from == 0) {
        begin(index);
      }
      if (file != null) {
        var bytes = frame.end(from, length);
        int count = bytes.remaining();
        file.write(bytes, position);
        position += count;
        failing = false;
      }
    } catch (DiskFailure failure) {
      end();
      if (!failing) {
        failing = true;
        operator.warning(
            "events are written without an index, searches take longer: " + failure.getMessage());
      }
    }
    frame.clear();
  }

  private void begin(Path index) throws DiskFailure {
    end();
    if (disk.exists(index)) {
      // Of a file of this name whose events a power cut took.
      disk.delete(index);
    }
    file = disk.create(index);
    position = 0;
  }

  /** The event file is finished. */
  void end() {
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
