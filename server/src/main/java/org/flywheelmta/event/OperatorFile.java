package org.flywheelmta.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/** The operator log as a file, and one file before it. Lines are not forced. */
@SingleThreadSafe
final class OperatorFile implements OperatorOutput {
  static final long FILE_BYTES = 16L << 20;

  private final Disk disk;
  private final Path path;
  private final Path before;
  private final long fileBytes;
  private @Nullable DiskFile file;
  private long position;

  OperatorFile(Disk disk, Path path, long fileBytes) {
    this.disk = disk;
    this.path = path;
    this.before = path.resolveSibling(path.getFileName() + ".1");
    this.fileBytes = fileBytes;
  }

  @Override
  public void write(String lines) throws DiskFailure {
    var bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
    int length = bytes.remaining();
    try {
      open().write(bytes, position);
    } catch (DiskFailure failure) {
      close();
      throw failure;
    }
    position += length;
    if (position >= fileBytes) {
      close();
      disk.rename(path, before);
    }
  }

  private DiskFile open() throws DiskFailure {
    var open = file;
    if (open == null) {
      if (disk.exists(path)) {
        open = disk.openWrite(path);
      } else {
        var folder = path.getParent();
        if (folder != null) {
          disk.createFolder(folder);
        }
        open = disk.create(path);
      }
      file = open;
      position = open.size();
    }
    return open;
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
