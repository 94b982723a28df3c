package org.flywheelmta.spool;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.flywheelmta.base.NonThreadSafe;

/**
 * The 64 octets before a record's payload: a view of a buffer, moved from record to record.
 *
 * <p>Its checksum covers the segment's secret incarnation, and the payload's checksum begins with
 * it, so that neither an earlier use of the segment nor the content of a mail passes for a record.
 */
@NonThreadSafe
final class RecordHeader {
  static final int BYTES = 64;

  /** The kinds of records; a number never changes its meaning. */
  static final int TRANSACTION = 1;

  static final int CHUNK = 2;
  static final int OUTCOME = 3;
  static final int AMENDMENT = 4;
  static final int DEDUPE = 5;
  static final int CHECKPOINT = 6;
  static final int MARK = 7;
  static final int FOREIGN = 8;

  /** Flag: repeats a state from a segment that is about to be recycled. */
  static final int RESTATED = 1;

  /** Flag of a mark: the segment ends here, the next record is in another one. */
  static final int CLOSING = 2;

  /** Flag of a chunk: its octets are a frame of zstd. */
  static final int COMPRESSED = 4;

  /** Flag of a transaction: what it settles waits on another volume. */
  static final int SETTLES_ELSEWHERE = 8;

  private static final int RECORD_VERSION = 1;
  private static final int HEADER_CRC_AT = 60;
  private static final int LSN_EPOCH_SHIFT = 40;

  private final CRC32C crc = new CRC32C();
  private final ByteBuffer seed = ByteBuffer.allocate(Long.BYTES);

  long incarnation;
  long lsn;
  long forcedLsn;
  int payloadLength;
  int kind;
  int flags;
  long idHigh;
  long idLow;
  int payloadCrc;

  /** The first LSN of an epoch. */
  static long firstLsn(long epoch) {
    return (epoch << LSN_EPOCH_SHIFT) + 1;
  }

  static long epochOf(long lsn) {
    return lsn >>> LSN_EPOCH_SHIFT;
  }

  /**
   * True of kinds that outlive their segment: dedupe keys, outcomes of transactions on other
   * volumes, and what this version does not know.
   */
  static boolean isCarried(int kind) {
    return kind == DEDUPE || kind > MARK;
  }

  /** Octets that a record takes in its segment: header and payload, rounded up to 64. */
  static long recordBytes(int payloadLength) {
    return (BYTES + (long) payloadLength + BYTES - 1) & -BYTES;
  }

  /** A payload's checksum, begun. */
  static void seed(CRC32C crc, ByteBuffer scratch, long incarnation) {
    crc.reset();
    crc.update(scratch.clear().putLong(incarnation).flip());
  }

  /** Writes the header at {@code at}; the caller has set every field. */
  void encode(ByteBuffer into, int at) {
    into.putLong(at, incarnation)
        .putLong(at + 8, lsn)
        .putLong(at + 16, forcedLsn)
        .putInt(at + 24, payloadLength)
        .put(at + 28, (byte) kind)
        .put(at + 29, (byte) RECORD_VERSION)
        .putShort(at + 30, (short) flags)
        .putLong(at + 32, idHigh)
        .putLong(at + 40, idLow)
        .putInt(at + 48, payloadCrc)
        .putLong(at + 52, 0)
        .putInt(at + HEADER_CRC_AT, crcOf(into, at));
  }

  /**
   * Reads the header at {@code at} if one of this incarnation is there.
   *
   * @return false when there is none, or its checksum does not hold
   */
  boolean decode(ByteBuffer from, int at, long expectedIncarnation) {
    if (from.getLong(at) != expectedIncarnation
        || from.getInt(at + HEADER_CRC_AT) != crcOf(from, at)) {
      return false;
    }
    incarnation = expectedIncarnation;
    lsn = from.getLong(at + 8);
    forcedLsn = from.getLong(at + 16);
    payloadLength = from.getInt(at + 24);
    kind = from.get(at + 28) & 0xff;
    flags = from.getShort(at + 30) & 0xffff;
    idHigh = from.getLong(at + 32);
    idLow = from.getLong(at + 40);
    payloadCrc = from.getInt(at + 48);
    return payloadLength >= 0;
  }

  private int crcOf(ByteBuffer buffer, int at) {
    crc.reset();
    crc.update(buffer.slice(at, HEADER_CRC_AT));
    return (int) crc.getValue();
  }

  /** Begins a payload's checksum in {@code crc}. */
  void seed(CRC32C payload) {
    seed(payload, seed, incarnation);
  }
}
