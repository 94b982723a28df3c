package org.flywheelmta.spool;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * The first 4096 octets of a segment: 64 that say what it is, twice, at 0 and at 2048.
 *
 * <p>The second copy is written after the first was forced, so a power cut leaves one of them whole
 * at any time, and so does a sector that has gone bad.
 *
 * @param version of the format; the place of the version never changes, so that every reader can
 *     tell that it does not know one
 * @param number in the segment's name
 * @param incarnation 64 secret bits of this use of the segment
 * @param epoch which start of the server it was, from 1
 * @param firstLsn the LSN of its first record
 * @param wallMicros when this use began
 * @param segmentBytes length of the file
 */
@ReadOnlyThreadSafe
record SegmentHeader(
    int version,
    int number,
    long incarnation,
    long epoch,
    long firstLsn,
    long wallMicros,
    int segmentBytes) {
  /** Records begin after it. */
  static final int BLOCK_BYTES = 4096;

  static final int COPY_BYTES = 64;
  static final int SECOND_COPY = 2048;

  /** The version that this server writes; it reads it and, once there is one, the one before. */
  static final int VERSION = 1;

  private static final int OLDEST_VERSION_READ = 1;
  private static final long MAGIC = 0x4657_5350_4f4f_4c0aL;
  private static final int CRC_AT = 60;

  boolean isKnownVersion() {
    return version >= OLDEST_VERSION_READ && version <= VERSION;
  }

  /** One copy, ready to be written. */
  ByteBuffer encode() {
    var copy = ByteBuffer.allocateDirect(COPY_BYTES);
    copy.putLong(0, MAGIC)
        .putShort(8, (short) version)
        .putInt(12, number)
        .putLong(16, incarnation)
        .putLong(24, epoch)
        .putLong(32, firstLsn)
        .putLong(40, wallMicros)
        .putInt(48, segmentBytes)
        .putInt(CRC_AT, crc(copy, 0));
    return copy;
  }

  /** What the first block of a file says. */
  sealed interface Read {
    /** A segment in use. */
    record Valid(SegmentHeader header) implements Read {}

    /** Never used, or retired. */
    record Blank() implements Read {}

    /** Neither copy can be read, and neither is blank. */
    record Damaged() implements Read {}
  }

  /**
   * Reads the first block.
   *
   * @param block at least 4096 octets from index 0
   */
  static Read read(ByteBuffer block) {
    for (int at : new int[] {0, SECOND_COPY}) {
      if (block.getLong(at) == MAGIC && block.getInt(at + CRC_AT) == crc(block, at)) {
        return new Read.Valid(decode(block, at));
      }
    }
    // A copy is written, and blanked, one at a time: a power cut in between leaves the other one
    // whole or blank. So with neither whole, one blank copy says that the use had not begun or was
    // over.
    return isBlank(block, 0) || isBlank(block, SECOND_COPY) ? new Read.Blank() : new Read.Damaged();
  }

  private static SegmentHeader decode(ByteBuffer block, int at) {
    return new SegmentHeader(
        block.getShort(at + 8),
        block.getInt(at + 12),
        block.getLong(at + 16),
        block.getLong(at + 24),
        block.getLong(at + 32),
        block.getLong(at + 40),
        block.getInt(at + 48));
  }

  private static boolean isBlank(ByteBuffer block, int at) {
    for (int i = at; i < at + COPY_BYTES; i += Long.BYTES) {
      if (block.getLong(i) != 0) {
        return false;
      }
    }
    return true;
  }

  private static int crc(ByteBuffer block, int at) {
    var crc = new CRC32C();
    crc.update(block.slice(at, CRC_AT));
    return (int) crc.getValue();
  }
}
