package org.flywheelmta.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a direct file makes of a system that does less than it is asked for. */
final class DirectFileTest {
  private static final int BLOCK = Disk.BLOCK_BYTES;
  private static final int SIZE = 4 * BLOCK;

  @TempDir private Path folder;
  private final Random random = new Random(7);
  private final byte[] expected = new byte[SIZE];
  private Path path;
  private WilfulChannel channel;
  private DirectFile file;

  @BeforeEach
  void open() throws IOException {
    path = folder.resolve("file");
    random.nextBytes(expected);
    Files.write(path, expected);
    channel =
        new WilfulChannel(
            FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    file = new DirectFile(path, channel, new ArrayDeque<>(), () -> new FileDisk().openWrite(path));
  }

  @AfterEach
  void close() {
    file.close();
    assertThat(channel.isDone()).isTrue();
  }

  private ByteBuffer octets(int position, int count) {
    var bytes = new byte[count];
    random.nextBytes(bytes);
    System.arraycopy(bytes, 0, expected, position, count);
    return ByteBuffer.wrap(bytes);
  }

  private void write(int position, int count) throws DiskFailure {
    var buffer = octets(position, count);
    file.write(buffer, position);
    assertThat(buffer.hasRemaining()).isFalse();
  }

  private void isAsExpected() {
    assertThat(path).hasBinaryContent(expected);
  }

  private void fails(DiskFailure.Kind kind, int position, int count) {
    var before = expected.clone();
    var buffer = octets(position, count);
    assertThatThrownBy(() -> file.write(buffer, position))
        .asInstanceOf(InstanceOfAssertFactories.throwable(DiskFailure.class))
        .extracting(DiskFailure::kind)
        .isEqualTo(kind);
    System.arraycopy(before, 0, expected, 0, SIZE);
  }

  @Test
  void writeThatEndsInsideOfABlockGoesOnAtTheBlock() throws DiskFailure {
    channel.thenWrite(BLOCK + 512).thenWrite(100).thenWrite(BLOCK);
    write(0, 3 * BLOCK);
    isAsExpected();
    assertThat(file.isPastCache()).isTrue();
  }

  @Test
  void writeThatDoesNothingTwiceFails() throws DiskFailure {
    write(0, 10);
    channel.thenWrite(0).thenWrite(0);
    fails(DiskFailure.Kind.IO, BLOCK, 10);
    isAsExpected();
    write(BLOCK, 10);
    isAsExpected();
  }

  @Test
  void octetsBesideAWriteAreNoZerosWhereAReadIsShort() throws DiskFailure {
    write(0, 10);
    channel.thenRead(512);
    fails(DiskFailure.Kind.IO, BLOCK, 64);
    isAsExpected();
  }

  @Test
  void whatAFailedReadLeftBehindIsNotTakenForTheFile() throws DiskFailure {
    write(0, 10);
    channel.thenRead(512);
    fails(DiskFailure.Kind.IO, BLOCK + 10, 64);
    write(10, 10);
    isAsExpected();
  }

  @Test
  void systemThatWantsLargerBlocksIsFoundOutByTheFirstOddOne() throws DiskFailure {
    var blocks = Disk.blocks(2 * BLOCK);
    blocks.put(octets(0, 2 * BLOCK)).flip();
    file.write(blocks, 0);
    channel.thenFail("Number of remaining bytes is not a multiple of the block size");
    write(2 * BLOCK, BLOCK);
    isAsExpected();
    assertThat(file.isPastCache()).isFalse();
  }

  @Test
  void fullDiskIsToldAndTheSameMayBeWrittenLater() throws DiskFailure {
    channel.thenFail("No space left on device");
    fails(DiskFailure.Kind.FULL, 10, BLOCK);
    write(0, BLOCK + 20);
    channel.thenWrite(BLOCK).thenFail("No space left on device");
    fails(DiskFailure.Kind.FULL, BLOCK + 20, 2 * BLOCK);
    // What was not reached stays, and the stage is not taken for what stands in the file.
    write(BLOCK + 20, 2 * BLOCK);
    isAsExpected();
    assertThat(file.isPastCache()).isTrue();
  }

  @Test
  void systemThatIsNotCapableOfItIsUsedThroughItsCache() throws DiskFailure {
    channel.thenFail("Invalid argument");
    var buffers = new ByteBuffer[] {octets(100, 50), octets(150, BLOCK), octets(150 + BLOCK, 7)};
    file.write(buffers, 0, 3, 100);
    assertThat(Arrays.stream(buffers).noneMatch(ByteBuffer::hasRemaining)).isTrue();
    assertThat(file.isPastCache()).isFalse();
    write(3, 5000);
    file.force();
    isAsExpected();
    var read = ByteBuffer.allocate(SIZE);
    assertThat(file.read(read, 0)).isEqualTo(SIZE);
    assertThat(read.array()).isEqualTo(expected);
  }

  @Test
  void systemThatCannotBeReadSoIsReadThroughItsCache() throws DiskFailure {
    channel.thenRead(5);
    var read = ByteBuffer.allocate(SIZE);
    assertThat(file.read(read, 0)).isEqualTo(SIZE);
    assertThat(read.array()).isEqualTo(expected);
    assertThat(file.isPastCache()).isFalse();
  }

  @Test
  void oneThatHasBeenCapableFailsLikeAnyOther() throws DiskFailure {
    write(0, BLOCK);
    channel.thenFail("Input/output error");
    fails(DiskFailure.Kind.IO, 0, BLOCK);
    assertThat(file.isPastCache()).isTrue();
  }
}
