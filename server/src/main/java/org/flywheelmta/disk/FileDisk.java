package org.flywheelmta.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * The machine's file system. It needs one with POSIX permissions, for nobody else may read mail.
 *
 * <p>Threads that call it must never be interrupted: an interrupt closes the channel under everyone
 * who uses it.
 */
@ConcurrentThreadSafe
public final class FileDisk implements Disk {
  private static final FileAttribute<?> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** The option of direct I/O; null where this JDK has none. */
  static final @Nullable OpenOption DIRECT = direct();

  // Staging buffers of files that were closed; as many as were ever open at once.
  private final Queue<ByteBuffer> spares = new ConcurrentLinkedQueue<>();

  @Override
  public DiskFile openRead(Path file) throws DiskFailure {
    return open(file, EnumSet.of(StandardOpenOption.READ));
  }

  @Override
  public DiskFile openWrite(Path file) throws DiskFailure {
    return open(file, EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  @Override
  public DiskFile create(Path file) throws DiskFailure {
    return open(
        file,
        EnumSet.of(
            StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
        FILE_MODE);
  }

  @Override
  public DiskFile openDirect(Path file) throws DiskFailure {
    if (DIRECT == null) {
      return openWrite(file);
    }
    try {
      var channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, DIRECT);
      return new DirectFile(file, channel, spares, () -> openWrite(file));
    } catch (IOException | ArithmeticException | UnsupportedOperationException incapable) {
      // Some file systems report blocks of no octets, by which the library divides. What else is
      // wrong with the file shows again.
      return openWrite(file);
    }
  }

  @Override
  public DiskFile createDirect(Path file) throws DiskFailure {
    create(file).close();
    return openDirect(file);
  }

  /** The JDK's own option, which is not of the Java platform; null where there is none. */
  private static @Nullable OpenOption direct() {
    try {
      for (var option : Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
        if (option instanceof OpenOption open && "DIRECT".equals(option.toString())) {
          return open;
        }
      }
    } catch (ClassNotFoundException unknown) {
      // Then none is found.
    }
    return null;
  }

  private static DiskFile open(Path file, Set<? extends OpenOption> how, FileAttribute<?>... mode)
      throws DiskFailure {
    try {
      return new ChannelFile(file, FileChannel.open(file, how, mode));
    } catch (IOException failure) {
      throw Failures.of(file, failure);
    }
  }

  @Override
  public void createFolder(Path folder) throws DiskFailure {
    var missing = new ArrayDeque<Path>();
    for (var path = folder.toAbsolutePath();
        path != null && !Files.isDirectory(path);
        path = path.getParent()) {
      missing.push(path);
    }
    for (var path : missing) {
      try {
        Files.createDirectory(path, FOLDER_MODE);
      } catch (IOException failure) {
        // Two threads may make the same one at the same time.
        if (!Files.isDirectory(path)) {
          throw Failures.of(path, failure);
        }
      }
      // A folder whose name was lost would take every file in it along, however well those were
      // forced.
      var parent = path.getParent();
      if (parent != null) {
        forceFolder(parent);
      }
    }
  }

  @Override
  public List<Path> list(Path folder) throws DiskFailure {
    var found = new ArrayList<Path>();
    try (var entries = Files.newDirectoryStream(folder)) {
      entries.forEach(found::add);
    } catch (IOException failure) {
      throw Failures.of(folder, failure);
    }
    Collections.sort(found);
    return found;
  }

  @Override
  public boolean exists(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public void rename(Path from, Path to) throws DiskFailure {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      throw Failures.of(from, failure);
    }
  }

  @Override
  public void delete(Path file) throws DiskFailure {
    try {
      Files.delete(file);
    } catch (IOException failure) {
      throw Failures.of(file, failure);
    }
  }

  @Override
  public void forceFolder(Path folder) throws DiskFailure {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException failure) {
      throw Failures.of(folder, failure);
    }
  }

  @Override
  public Lock lock(Path folder) throws DiskFailure {
    return FolderLock.take(folder, FILE_MODE);
  }

  @Override
  public long freeBytes(Path folder) throws DiskFailure {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException failure) {
      throw Failures.of(folder, failure);
    }
  }

  @Override
  public long totalBytes(Path folder) throws DiskFailure {
    try {
      return Files.getFileStore(folder).getTotalSpace();
    } catch (IOException failure) {
      throw Failures.of(folder, failure);
    }
  }
}
