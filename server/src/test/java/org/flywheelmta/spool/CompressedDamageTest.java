package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.junit.jupiter.api.Test;

/** Compressed chunks that are not what was written, or that nobody can have written. */
final class CompressedDamageTest {
  private static final int PART = SpoolFixture.SEGMENT_BYTES / 4;
  private static final byte[] TEXT = SpoolFixture.text(2, PART + 9_000);

  /** The first compressed chunk of a disk. */
  private record Chunk(Path file, SegmentHeader segment, int position, int payloadLength) {
    int payloadAt() {
      return position + RecordHeader.BYTES;
    }

    int frameBytes() {
      return payloadLength - OpenChunks.PREFIX_BYTES;
    }
  }

  /** Three transactions; the second is large and compressed. */
  private static SimDisk disk(boolean killed) {
    var disk = new SimDisk();
    var spool = SpoolFixture.compressing(disk, 1, SpoolFixture.SEGMENT_BYTES).openAndSettle();
    spool.commit(1, 1, 100);
    spool.post(2, 1, TEXT);
    spool.platform.settle();
    spool.commit(3, 1, 100);
    spool.platform.advanceMillis(300);
    if (killed) {
      spool.die();
      disk.crash(CrashMode.KEPT, new SplittableRandom(1));
    } else {
      spool.close();
    }
    return disk;
  }

  private static Chunk chunk(SimDisk disk) throws DiskFailure {
    var folder = SpoolFolder.read(disk, SpoolFixture.FOLDER, SpoolFixture.SEGMENT_BYTES);
    for (var segment : folder.segments()) {
      var read = SegmentFacts.scan(disk, segment, new ScanWindow());
      try {
        for (var fact = new Facts(read.facts()); fact.next(); ) {
          if (fact.isCompressed()) {
            return new Chunk(segment.path, segment.header, fact.position, fact.payloadLength);
          }
        }
      } finally {
        read.facts().release();
      }
    }
    throw new AssertionError("nothing is compressed");
  }

  /** Writes another payload of the same length, whose checksums hold. */
  private static void forge(SimDisk disk, Chunk chunk, int plainBytes, byte[] frame) {
    var bytes = disk.bytes(chunk.file());
    var all = ByteBuffer.wrap(bytes);
    var header = new RecordHeader();
    long incarnation = chunk.segment().incarnation();
    assertThat(header.decode(all, chunk.position(), incarnation)).isTrue();
    all.putInt(chunk.payloadAt() + Integer.BYTES, plainBytes);
    all.put(chunk.payloadAt() + OpenChunks.PREFIX_BYTES, frame);
    var crc = new CRC32C();
    header.seed(crc);
    crc.update(all.slice(chunk.payloadAt(), chunk.payloadLength()));
    header.payloadCrc = (int) crc.getValue();
    header.encode(all, chunk.position());
    disk.put(chunk.file(), bytes);
  }

  private static byte[] frameOf(SimDisk disk, Chunk chunk) {
    var frame = new byte[chunk.frameBytes()];
    ByteBuffer.wrap(disk.bytes(chunk.file()))
        .get(chunk.payloadAt() + OpenChunks.PREFIX_BYTES, frame);
    return frame;
  }

  /** A frame that holds these octets, and behind it one that is skipped, up to the length. */
  private static byte[] frame(byte[] octets, int length) {
    var frame = Zstd.compress(octets, 1);
    int left = length - frame.length - 2 * Integer.BYTES;
    assertThat(left).isNotNegative();
    return ByteBuffer.allocate(length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(frame)
        .putInt(0x184D2A50)
        .putInt(left)
        .array();
  }

  /** The damaged one is found when it is read, told once and set aside; the others are whole. */
  private static void judge(SimDisk disk, String what) {
    var spool = SpoolFixture.withoutVerification(disk, 2).openAndSettle();
    assertThat(spool.recovered).as(what).hasSize(3);
    assertThat(spool.lines).as(what).isEmpty();
    assertThat(spool.load(2)).as(what).asString().contains("damaged");
    spool.platform.advanceMillis(100);
    assertThat(spool.lines).as(what).singleElement().asString().startsWith("ERROR");
    assertThat(disk.files()).as(what).anyMatch(file -> file.startsWith("/spool/quarantine"));
    assertThat(spool.load(1)).as(what).isEqualTo(SpoolFixture.octets(1, 100));
    assertThat(spool.load(3)).as(what).isEqualTo(SpoolFixture.octets(3, 100));
    assertThat(spool.memory.taken()).as(what).isZero();
    spool.close();
  }

  @Test
  void flippedOctetOfACompressedChunkIsFoundAndItsNeighboursAreWhole() throws DiskFailure {
    var original = disk(false);
    var chunk = chunk(original);
    for (int at = chunk.position(); at < chunk.payloadAt() + chunk.payloadLength(); at += 37) {
      var disk = original.copy();
      disk.flip(chunk.file(), at, 1 << (at % 8));
      judge(disk, "octet " + at);
    }
  }

  @Test
  void verificationAndAFullReadFindItToo() throws DiskFailure {
    for (boolean killed : new boolean[] {false, true}) {
      var disk = disk(killed);
      var chunk = chunk(disk);
      disk.flip(chunk.file(), chunk.payloadAt() + 100, 4);
      var spool = new SpoolFixture(disk, 2).openAndSettle();
      spool.platform.advanceMillis(2_000);
      assertThat(spool.lines).isNotEmpty().allMatch(line -> line.startsWith("ERROR"));
      assertThat(spool.load(1)).isEqualTo(SpoolFixture.octets(1, 100));
      assertThat(spool.recovered.containsKey(SpoolFixture.key(2, 0))).isEqualTo(!killed);
      spool.close();
    }
  }

  @Test
  void frameOfAnotherLengthIsDamage() throws DiskFailure {
    for (boolean killed : new boolean[] {false, true}) {
      for (int length : new int[] {0, 1, PART - 1, PART + 1, 10 * PART, 8 << 20}) {
        var disk = disk(killed);
        var chunk = chunk(disk);
        var filler = new byte[length];
        forge(disk, chunk, PART, frame(filler, chunk.frameBytes()));
        judge(disk, "a frame of " + length + " octets");
      }
    }
  }

  @Test
  void wrongLengthOfAFrameIsDamage() throws DiskFailure {
    for (boolean killed : new boolean[] {false, true}) {
      for (int length : new int[] {1, PART - 1, PART + 1, Spool.CHUNK_BYTES}) {
        var disk = disk(killed);
        var chunk = chunk(disk);
        forge(disk, chunk, length, frameOf(disk, chunk));
        judge(disk, "it says " + length);
      }
    }
  }

  @Test
  void frameOfOtherOctetsIsDamage() throws DiskFailure {
    var disk = disk(false);
    var chunk = chunk(disk);
    forge(disk, chunk, PART, frame(new byte[PART], chunk.frameBytes()));
    judge(disk, "other octets");
  }

  @Test
  void noFrameAtAllIsDamage() throws DiskFailure {
    var disk = disk(false);
    var chunk = chunk(disk);
    forge(disk, chunk, PART, SpoolFixture.octets(5, chunk.frameBytes()));
    judge(disk, "no frame");
  }

  @Test
  void lengthThatNoPartHasTakesNothingFromAnyBudget() throws DiskFailure {
    for (int length : new int[] {0, -1, Spool.CHUNK_BYTES + 1, Integer.MAX_VALUE}) {
      var disk = disk(true);
      var chunk = chunk(disk);
      forge(disk, chunk, length, frameOf(disk, chunk));
      var spool = new SpoolFixture(disk, 2).openAndSettle();
      assertThat(spool.recovered).containsOnlyKeys(SpoolFixture.key(1, 0), SpoolFixture.key(3, 0));
      assertThat(spool.lines).singleElement().asString().startsWith("ERROR");
      assertThat(SpoolReader.read(disk, SpoolFixture.FOLDER).check().damaged()).isEqualTo(1);
      spool.close();
    }
  }
}
