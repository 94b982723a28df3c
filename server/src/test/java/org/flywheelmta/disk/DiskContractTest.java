package org.flywheelmta.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every disk promises; the real one and the simulated one pass alike. */
abstract class DiskContractTest {
  /** The disk under test. */
  abstract Disk disk();

  /** A folder on it that exists. */
  abstract Path folder();

  private Path file(String name) {
    return folder().resolve(name);
  }

  private static void fails(DiskFailure.Kind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .asInstanceOf(InstanceOfAssertFactories.throwable(DiskFailure.class))
        .extracting(DiskFailure::kind)
        .isEqualTo(kind);
  }

  private static byte[] read(DiskFile file) throws DiskFailure {
    var buffer = ByteBuffer.allocate((int) file.size());
    assertThat(file.read(buffer, 0)).isEqualTo(buffer.capacity());
    return buffer.array();
  }

  @Test
  void whatIsWrittenIsRead() throws DiskFailure {
    try (var file = disk().create(file("a"))) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      file.write(ByteBuffer.wrap(new byte[] {9}), 5);
      file.force();
      assertThat(read(file)).containsExactly(1, 2, 3, 0, 0, 9);
    }
    disk().forceFolder(folder());
    try (var file = disk().openRead(file("a"))) {
      assertThat(read(file)).containsExactly(1, 2, 3, 0, 0, 9);
    }
  }

  @Test
  void gatheredWriteTakesEveryBufferFromOffsetOn() throws DiskFailure {
    int count = 3000;
    var buffers = new ByteBuffer[count + 2];
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = ByteBuffer.allocateDirect(i % 3).put(new byte[i % 3]).flip();
      for (int j = 0; j < i % 3; j++) {
        buffers[i].put(j, (byte) i);
      }
    }
    try (var file = disk().create(file("gathered"))) {
      file.write(buffers, 1, count, 7);
      assertThat(file.size()).isEqualTo(7 + 3000);
      var bytes = read(file);
      assertThat(Arrays.copyOfRange(bytes, 7, 13)).containsExactly(1, 2, 2, 4, 5, 5);
    }
    assertThat(buffers[1].hasRemaining()).isFalse();
    assertThat(buffers[count].hasRemaining()).isFalse();
    assertThat(buffers[count + 1].hasRemaining()).isTrue();
  }

  @Test
  void readEndsWithTheFile() throws DiskFailure {
    try (var file = disk().create(file("short"))) {
      file.write(ByteBuffer.wrap(new byte[10]), 0);
      assertThat(file.read(ByteBuffer.allocate(100), 4)).isEqualTo(6);
      assertThat(file.read(ByteBuffer.allocate(100), 10)).isZero();
      assertThat(file.read(ByteBuffer.allocate(100), 99)).isZero();
    }
  }

  @Test
  void missingAndExistingFilesAreToldApart() throws DiskFailure {
    fails(DiskFailure.Kind.MISSING, () -> disk().openRead(file("none")));
    fails(DiskFailure.Kind.MISSING, () -> disk().openWrite(file("none")));
    fails(DiskFailure.Kind.MISSING, () -> disk().delete(file("none")));
    fails(DiskFailure.Kind.MISSING, () -> disk().rename(file("none"), file("other")));
    fails(DiskFailure.Kind.MISSING, () -> disk().list(file("none")));
    fails(DiskFailure.Kind.MISSING, () -> disk().create(file("none").resolve("a")));
    disk().create(file("there")).close();
    fails(DiskFailure.Kind.EXISTS, () -> disk().create(file("there")));
  }

  @Test
  void namesAreListedSortedRenamedAndDeleted() throws DiskFailure {
    disk().createFolder(file("inner").resolve("deep"));
    disk().createFolder(file("inner"));
    for (var name : new String[] {"c", "a", "b"}) {
      disk().create(file("inner").resolve(name)).close();
    }
    disk().rename(file("inner").resolve("c"), file("inner").resolve("a"));
    disk().delete(file("inner").resolve("b"));
    disk().forceFolder(file("inner"));
    assertThat(disk().list(file("inner")))
        .containsExactly(file("inner").resolve("a"), file("inner").resolve("deep"));
    assertThat(disk().exists(file("inner").resolve("a"))).isTrue();
    assertThat(disk().exists(file("inner").resolve("b"))).isFalse();
  }

  @Test
  void lockedFolderNamesItsHolder() throws DiskFailure {
    var lock = disk().lock(folder());
    assertThatThrownBy(() -> disk().lock(folder()))
        .isInstanceOf(DiskFailure.class)
        .hasMessageMatching(".*it is locked by process \\d+");
    fails(DiskFailure.Kind.LOCKED, () -> disk().lock(folder()));
    lock.close();
    disk().lock(folder()).close();
  }

  @Test
  void spaceIsKnown() throws DiskFailure {
    assertThat(disk().totalBytes(folder())).isPositive();
    assertThat(disk().freeBytes(folder())).isBetween(0L, disk().totalBytes(folder()));
  }
}
