package org.flywheelmta.event;

import java.nio.file.Path;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;

/** Where the lines of the operator log go. Used by the log's worker alone; may block. */
@SingleThreadSafe
public interface OperatorOutput extends AutoCloseable {
  /**
   * Writes lines.
   *
   * @param lines one or more, each with its line feed, without any other control character
   * @throws DiskFailure when any of it may be missing; what was not written is not tried again
   */
  void write(String lines) throws DiskFailure;

  @Override
  void close();

  /**
   * A file that is appended to. When it has grown to 16 MiB it becomes {@code NAME.1}, in the place
   * of the one before, and a new one begins. After a failure it is opened anew.
   */
  static OperatorOutput file(Disk disk, Path file) {
    return new OperatorFile(disk, file, OperatorFile.FILE_BYTES);
  }
}
