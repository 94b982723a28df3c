package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.zip.CRC32C;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads the checkpoints of a closed segment: the mark in its last 64 octets names the last of them,
 * and each names the one before. They count only when all of them are whole.
 */
@NonThreadSafe
final class Checkpoints {
  /** Facts of a segment in one checkpoint; then the next begins. */
  static final int MAX_BYTES = 1024 * 1024;

  private final DiskFile file;
  private final SegmentHeader segment;
  private final ByteBufAllocator allocator;
  private final RecordHeader header = new RecordHeader();
  private final ByteBuffer head = ByteBuffer.allocate(RecordHeader.BYTES);
  private final CRC32C crc = new CRC32C();
  private long forcedLsn;

  Checkpoints(DiskFile file, SegmentHeader segment, ByteBufAllocator allocator) {
    this.file = file;
    this.segment = segment;
    this.allocator = allocator;
  }

  /** Where the closing mark of a segment stands that has checkpoints. */
  static int markAt(SegmentHeader segment) {
    return segment.segmentBytes() - RecordHeader.BYTES;
  }

  /**
   * The facts of all records of the segment; the caller releases the buffer.
   *
   * @return null when the segment has no checkpoints or they are not whole
   */
  @Nullable ByteBuf read() throws DiskFailure {
    if (!readHead(markAt(segment))
        || header.kind != RecordHeader.MARK
        || (header.flags & RecordHeader.CLOSING) == 0
        || header.idHigh == 0) {
      return null;
    }
    forcedLsn = header.forcedLsn;
    var parts = new ArrayDeque<ByteBuf>();
    try {
      return readParts(header.idHigh, parts) ? joined(parts) : null;
    } finally {
      parts.forEach(ByteBuf::release);
    }
  }

  private @Nullable ByteBuf joined(ArrayDeque<ByteBuf> parts) {
    int bytes = parts.stream().mapToInt(ByteBuf::readableBytes).sum();
    var facts = allocator.buffer(Math.max(1, bytes));
    for (var part : parts) {
      facts.writeBytes(part, part.readerIndex(), part.readableBytes());
    }
    if (!Facts.areWhole(facts, segment, markAt(segment))) {
      facts.release();
      return null;
    }
    return facts;
  }

  private boolean readParts(long last, ArrayDeque<ByteBuf> parts) throws DiskFailure {
    long at = last;
    long before = markAt(segment);
    while (at != 0) {
      if (at < SegmentHeader.RECORDS_AT || at >= before || at % RecordHeader.BYTES != 0) {
        return false;
      }
      if (!readHead((int) at)
          || header.kind != RecordHeader.CHECKPOINT
          || at + RecordHeader.recordBytes(header.payloadLength) > before) {
        return false;
      }
      before = at;
      at = header.idHigh;
      if (!readPart((int) before, parts)) {
        return false;
      }
    }
    return true;
  }

  private boolean readPart(int at, ArrayDeque<ByteBuf> parts) throws DiskFailure {
    int length = header.payloadLength;
    var part = allocator.buffer(Math.max(1, length));
    parts.addFirst(part);
    var into = part.nioBuffer(0, length);
    if (file.read(into, at + (long) RecordHeader.BYTES) < length) {
      return false;
    }
    header.seed(crc);
    crc.update(into.flip());
    part.writerIndex(length);
    return (int) crc.getValue() == header.payloadCrc;
  }

  private boolean readHead(int at) throws DiskFailure {
    return file.read(head.clear(), at) == RecordHeader.BYTES
        && header.decode(head, 0, segment.incarnation());
  }

  /** After a successful read: the last LSN that was known to be forced when the mark was made. */
  long forcedLsn() {
    return forcedLsn;
  }
}
