package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;

/**
 * What recovery needs of the records of a segment, in the order of their LSNs: a view of a buffer,
 * moved from fact to fact. A checkpoint's payload is made of them; see {@code
 * docs/spool-format.md}.
 *
 * <p>A fact is a head of 48 octets and a body. The head: kind (1), zero (1), flags of the record
 * (2), number of chunks or index of the chunk (4), position (4), length of the payload (4), LSN
 * (8), transaction id (16), length of the body (4), zero (4).
 */
@NonThreadSafe
final class Facts {
  static final int HEAD_BYTES = 48;

  private final ByteBuffer from;
  private int next;

  int kind;
  int flags;

  /** Of a transaction the number of its chunks, of a chunk its index. */
  int number;

  int position;
  int payloadLength;
  long lsn;
  long idHigh;
  long idLow;
  private int bodyAt;
  private int bodyBytes;

  /**
   * @param from facts from its reader index to its writer index; not retained, its indexes stay
   */
  Facts(ByteBuf from) {
    this.from = from.nioBuffer();
  }

  /** Writes a fact's head; its body follows. */
  static void putHead(
      ByteBuffer into, RecordHeader header, int number, int position, int bodyBytes) {
    into.put((byte) header.kind)
        .put((byte) 0)
        .putShort((short) header.flags)
        .putInt(number)
        .putInt(position)
        .putInt(header.payloadLength)
        .putLong(header.lsn)
        .putLong(header.idHigh)
        .putLong(header.idLow)
        .putInt(bodyBytes)
        .putInt(0);
  }

  /**
   * True when the buffer is facts from its beginning to its end, of records of the segment before
   * {@code end} that lie in their order. Its checksum held already: this guards against what this
   * server never wrote.
   */
  static boolean areWhole(ByteBuf facts, SegmentHeader segment, int end) {
    var view = new Facts(facts);
    long lsn = segment.firstLsn() - 1;
    int position = SegmentHeader.RECORDS_AT;
    while (view.next < view.from.limit()) {
      if (!view.isHeadWhole() || !view.next()) {
        return false;
      }
      if (view.lsn <= lsn || view.position < position || view.payloadLength < 0) {
        return false;
      }
      if (view.isCompressed() && view.bodyBytes != Integer.BYTES) {
        return false;
      }
      lsn = view.lsn;
      long behind = view.position + RecordHeader.recordBytes(view.payloadLength);
      if (behind > end) {
        return false;
      }
      position = (int) behind;
    }
    return true;
  }

  private boolean isHeadWhole() {
    int left = from.limit() - next - HEAD_BYTES;
    return left >= 0 && from.getInt(next + 40) >= 0 && from.getInt(next + 40) <= left;
  }

  /** Moves to the next fact; false at the end. */
  boolean next() {
    if (next >= from.limit()) {
      return false;
    }
    moveTo(next);
    return true;
  }

  /** Moves to the fact that begins there, from the first of the facts. */
  void moveTo(int at) {
    kind = Byte.toUnsignedInt(from.get(at));
    flags = Short.toUnsignedInt(from.getShort(at + 2));
    number = from.getInt(at + 4);
    position = from.getInt(at + 8);
    payloadLength = from.getInt(at + 12);
    lsn = from.getLong(at + 16);
    idHigh = from.getLong(at + 24);
    idLow = from.getLong(at + 32);
    bodyBytes = from.getInt(at + 40);
    bodyAt = at + HEAD_BYTES;
    next = bodyAt + bodyBytes;
  }

  /** Where the fact begins, from the first of the facts. */
  int at() {
    return bodyAt - HEAD_BYTES;
  }

  /** The body, a view without a reference of its own. */
  ByteBuf body() {
    return Unpooled.wrappedBuffer(from.slice(bodyAt, bodyBytes));
  }

  /** Where the record stands in its segment. */
  Extent extent(Segment segment) {
    int plainBytes = isCompressed() ? FactCodec.plainBytes(body()) : 0;
    return new Extent(segment, position, payloadLength, plainBytes);
  }

  TransactionId id() {
    return new TransactionId(idHigh, idLow);
  }

  /** True of a chunk whose fact has a body: the length of what was compressed. */
  boolean isCompressed() {
    return kind == RecordHeader.CHUNK && (flags & RecordHeader.COMPRESSED) != 0;
  }

  boolean isRestated() {
    return (flags & RecordHeader.RESTATED) != 0;
  }
}
