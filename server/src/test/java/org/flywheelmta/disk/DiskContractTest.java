package org.flywheelmta.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every disk promises; the real one and the simulated one pass alike. */
abstract class DiskContractTest {
  private static final int BLOCK = 4096;
  private static final int MIB = 1024 * 1024;

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
  void filesOpenedDirectlyAreThere() throws DiskFailure {
    fails(DiskFailure.Kind.MISSING, () -> disk().openDirect(file("none")));
    fails(DiskFailure.Kind.MISSING, () -> disk().createDirect(file("none").resolve("a")));
    disk().createDirect(file("there")).close();
    fails(DiskFailure.Kind.EXISTS, () -> disk().createDirect(file("there")));
    try (var file = disk().openDirect(file("there"))) {
      assertThat(file.size()).isZero();
    }
  }

  /**
   * Whatever is written where, in whatever pieces, what both kinds of file then read is the same.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void whatIsWrittenDirectlyIsRead(long seed) throws DiskFailure {
    var random = new Random(seed);
    var expected = new byte[3 * MIB];
    int size = 0;
    disk().createDirect(file("direct")).close();
    try (var file = disk().openDirect(file("direct"));
        var plain = disk().openRead(file("direct"))) {
      int next = 0;
      for (int i = 0; i < 60; i++) {
        var buffers = pieces(random, expected.length - next);
        int at = next;
        for (var buffer : buffers) {
          int length = buffer.remaining();
          buffer.get(buffer.position(), expected, at, length);
          at += length;
        }
        if (buffers.length == 1) {
          file.write(buffers[0], next);
        } else {
          file.write(buffers, 0, buffers.length, next);
        }
        size = Math.max(size, at);
        assertThat(file.size()).isEqualTo(size);
        // As a log goes on: behind, at the next block, or somewhere else altogether.
        next =
            switch (random.nextInt(4)) {
              case 0 -> at;
              case 1 -> (at + BLOCK - 1) / BLOCK * BLOCK;
              case 2 -> random.nextInt(size + 1);
              default -> random.nextInt(size + 1) / BLOCK * BLOCK;
            };
        next = Math.min(next, expected.length - 1);
        if (i % 20 == 19) {
          file.force();
          assertThat(read(plain)).isEqualTo(Arrays.copyOf(expected, size));
          assertThat(read(file)).isEqualTo(Arrays.copyOf(expected, size));
          int from = random.nextInt(size);
          var some = ByteBuffer.allocate(random.nextInt(1, 2 * MIB));
          int count = Math.min(some.capacity(), size - from);
          assertThat(file.read(some, from)).isEqualTo(count);
          assertThat(Arrays.copyOf(some.array(), count))
              .isEqualTo(Arrays.copyOfRange(expected, from, from + count));
        }
      }
    }
  }

  private static ByteBuffer[] pieces(Random random, int most) {
    var pieces = new ByteBuffer[random.nextInt(1, 5)];
    int left = most;
    for (int i = 0; i < pieces.length; i++) {
      int wanted = random.nextInt(3) == 0 ? random.nextInt(MIB + MIB / 2) : random.nextInt(9000);
      int length = Math.min(left, random.nextInt(3) == 0 ? wanted / BLOCK * BLOCK : wanted);
      left -= length;
      var bytes = new byte[length];
      random.nextBytes(bytes);
      pieces[i] =
          random.nextBoolean()
              ? ByteBuffer.wrap(bytes)
              : ByteBuffer.allocateDirect(length + 2 * BLOCK)
                  .alignedSlice(BLOCK)
                  .slice(random.nextBoolean() ? 0 : 8, length)
                  .put(bytes)
                  .flip();
    }
    return pieces;
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
