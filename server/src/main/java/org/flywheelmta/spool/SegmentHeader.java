package org.flywheelmta.spool;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;

/**
 * The first 8192 octets of a segment: 64 that say what it is, twice, at 0 and at 4096.
 *
 * <p>The second copy is written after the first was forced, and stands in another block, so a power
 * cut leaves one of them whole at any time, and so does a block that has gone bad.
 *
 * <p>What a power cut can leave, where a block that was being written may hold anything (bad), in
 * the order first copy, second copy, place of the first record:
 *
 * <ul>
 *   <li>a use begins: (blank, blank, blank), (bad, blank, blank), (whole, blank, blank). Records
 *       are written only after the first copy is forced.
 *   <li>the first batch: (whole, any, any). It is acknowledged only after the force that makes the
 *       second copy whole too.
 *   <li>in use: (whole, whole, any). The next start writes a copy again that is not whole, so that
 *       this holds from then on.
 *   <li>a use ends, with nothing in the segment that is needed: (bad, whole, any), then (retired,
 *       whole, any), and in any state of the other two until all is (retired, blank, blank).
 * </ul>
 *
 * So a bad first copy and a blank second one mean a use that had not begun, if no record was begun
 * either. With octets where the first record stands, or with the second copy bad as well, no power
 * cut explains it: that is damage, and the segment may hold what was acknowledged.
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
  /** What a disk writes, and may lose, at once. */
  static final int BLOCK_BYTES = 4096;

  static final int COPY_BYTES = 64;

  /** In a block of its own. */
  static final int SECOND_COPY = BLOCK_BYTES;

  /** Where records begin. */
  static final int RECORDS_AT = 2 * BLOCK_BYTES;

  /** So much from the start of a file tells what it is. */
  static final int READ_BYTES = RECORDS_AT + RecordHeader.BYTES;

  /**
   * The version that this server writes; it reads it and those before. From 2 on a transaction may
   * settle another's message, which a server that knows only 1 would deliver again. From 3 on a
   * transaction may stand behind states of its own, since it was moved, and checkpoints count.
   */
  static final int VERSION = 3;

  private static final int OLDEST_VERSION_READ = 1;
  private static final long MAGIC = 0x4657_5350_4f4f_4c0aL;
  // In place of the first copy, with zeros behind it: no other fault than retirement leaves it.
  private static final long RETIRED = 0x0052_4554_4952_4544L;
  private static final int CRC_AT = 60;

  /** The multiple of 4096 at or after {@code position}. */
  static int nextBlock(int position) {
    return (position + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
  }

  /** Writes again what is not whole of the two copies; nothing is durable before the force. */
  void heal(DiskFile file) throws DiskFailure {
    var whole = encode();
    var copy = ByteBuffer.allocateDirect(COPY_BYTES);
    for (int at : new int[] {0, SECOND_COPY}) {
      file.read(copy.clear(), at);
      if (!copy.flip().equals(whole)) {
        file.write(whole.duplicate(), at);
      }
    }
  }

  /** What takes the place of the first copy when a use is over. */
  static ByteBuffer retired() {
    return ByteBuffer.allocateDirect(COPY_BYTES).putLong(0, RETIRED);
  }

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

  /** What the beginning of a file says. */
  sealed interface Read {
    /** A segment in use. */
    record Valid(SegmentHeader header) implements Read {}

    /** Never used, or blanked after its use: ready for one. */
    record Blank() implements Read {}

    /** Its use is over, and it is not blank yet: nothing in it is needed. */
    record Retired() implements Read {}

    /** It was in use, and neither copy can be read. */
    record Damaged() implements Read {}
  }

  /**
   * Reads what stands before the records, and where the first of them begins.
   *
   * @param block at least {@link #READ_BYTES} octets from index 0
   */
  static Read read(ByteBuffer block) {
    boolean isRestBlank = isZero(block, SECOND_COPY) && isZero(block, RECORDS_AT);
    if (block.getLong(0) == RETIRED && isZero(block, Long.BYTES, COPY_BYTES - Long.BYTES)) {
      // Before the second copy is looked at, which is whole for a while yet.
      return isRestBlank ? new Read.Blank() : new Read.Retired();
    }
    for (int at : new int[] {0, SECOND_COPY}) {
      if (block.getLong(at) == MAGIC && block.getInt(at + CRC_AT) == crc(block, at)) {
        return new Read.Valid(decode(block, at));
      }
    }
    return isRestBlank ? new Read.Blank() : new Read.Damaged();
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

  private static boolean isZero(ByteBuffer block, int at) {
    return isZero(block, at, COPY_BYTES);
  }

  private static boolean isZero(ByteBuffer block, int at, int count) {
    for (int i = at; i < at + count; i += Long.BYTES) {
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
