package org.flywheelmta.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.flywheelmta.base.SingleThreadSafe;

/**
 * A folder locked by a file in it, {@code lock}, which holds the process id. The system gives the
 * lock back when the process ends, however it ends, so a file that was left over locks nothing.
 */
@SingleThreadSafe
final class FolderLock implements Disk.Lock {
  private static final String NAME = "lock";
  private static final int PID_DIGITS = 20;

  // Closing any descriptor of a file gives back every lock that the process has on it (POSIX
  // fcntl), so a second attempt within this process must never open the file.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  static FolderLock take(Path folder, FileAttribute<?> mode) throws DiskFailure {
    Path real;
    try {
      real = folder.toRealPath();
    } catch (IOException failure) {
      throw Failures.of(folder, failure);
    }
    if (!HELD.add(real)) {
      throw locked(folder, "process " + ProcessHandle.current().pid());
    }
    boolean taken = false;
    try {
      var lock = open(real, mode);
      taken = true;
      return lock;
    } finally {
      if (!taken) {
        HELD.remove(real);
      }
    }
  }

  private static DiskFailure locked(Path folder, String holder) {
    return new DiskFailure(DiskFailure.Kind.LOCKED, folder, "it is locked by " + holder, null);
  }

  private static FolderLock open(Path folder, FileAttribute<?> mode) throws DiskFailure {
    var file = folder.resolve(NAME);
    try {
      var how =
          EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
      var channel = FileChannel.open(file, how, mode);
      boolean taken = false;
      try {
        if (channel.tryLock() == null) {
          throw locked(folder, holder(channel));
        }
        writePid(channel);
        taken = true;
        return new FolderLock(folder, channel);
      } finally {
        if (!taken) {
          channel.close();
        }
      }
    } catch (IOException failure) {
      throw Failures.of(file, failure);
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    var buffer = ByteBuffer.allocate(PID_DIGITS);
    channel.read(buffer, 0);
    var text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII).strip();
    boolean known = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return known ? "process " + text : "another process";
  }

  private static void writePid(FileChannel channel) throws IOException {
    var text = ProcessHandle.current().pid() + "\n";
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException ignored) {
      // The lock goes with the descriptor, which is closed in any case.
    } finally {
      HELD.remove(folder);
    }
  }
}
