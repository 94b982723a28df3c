package org.flywheelmta.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine's file system. */
class FileDiskTest extends DiskContractTest {
  @TempDir private Path folder;
  private final Disk disk = new FileDisk();

  @Override
  Disk disk() {
    return disk;
  }

  @Override
  Path folder() {
    return folder;
  }

  @Test
  void nobodyElseMayRead() throws DiskFailure, IOException {
    disk.createFolder(folder.resolve("own"));
    disk.create(folder.resolve("own").resolve("mail")).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("own"))))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("own").resolve("mail"))))
        .isEqualTo("rw-------");
  }

  @Test
  void lockIsTheProcessesToAllItsNames() throws DiskFailure, IOException {
    disk.createFolder(folder.resolve("own"));
    Files.createSymbolicLink(folder.resolve("alias"), folder.resolve("own"));
    var lock = disk.lock(folder.resolve("own"));
    assertThat(folder.resolve("own").resolve("lock"))
        .hasContent(Long.toString(ProcessHandle.current().pid()));
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> disk.lock(folder.resolve("alias")))
        .isInstanceOf(DiskFailure.class);
    lock.close();
  }

  @Test
  void whatIsOpenedDirectlyGoesPastThePageCacheWhereTheSystemSupportsIt() throws Exception {
    var path = folder.resolve("log");
    boolean isSupported = isSupported(folder.resolve("other"));
    try (var file = disk.createDirect(path)) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      assertThat(file instanceof DirectFile direct && direct.isPastCache()).isEqualTo(isSupported);
    }
    assertThat(path).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
  }

  /** Whether a single block can be written so. */
  private static boolean isSupported(Path path) throws IOException {
    if (FileDisk.DIRECT == null) {
      return false;
    }
    try (var channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, FileDisk.DIRECT)) {
      return channel.write(Disk.blocks(Disk.BLOCK_BYTES), 0) == Disk.BLOCK_BYTES;
    } catch (IOException | ArithmeticException | UnsupportedOperationException e) {
      return false;
    }
  }
}
