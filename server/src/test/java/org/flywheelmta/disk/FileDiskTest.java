package org.flywheelmta.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
  void whatIsOpenedDirectlyGoesPastTheCacheWhereTheSystemIsCapableOfIt() throws Exception {
    var path = folder.resolve("log");
    boolean isCapable = isCapable(folder.resolve("other"));
    try (var file = disk.createDirect(path)) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      assertThat(file instanceof DirectFile direct && direct.isPastCache()).isEqualTo(isCapable);
    }
    assertThat(path).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
  }

  /** What another program finds: whether it may write a block so. */
  private static boolean isCapable(Path path) throws Exception {
    var dd = List.of("dd", "if=/dev/zero", "of=" + path, "bs=4096", "count=1", "oflag=direct");
    var process = new ProcessBuilder(dd).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    return process.waitFor() == 0;
  }
}
