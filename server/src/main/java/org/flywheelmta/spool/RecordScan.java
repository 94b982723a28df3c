package org.flywheelmta.spool;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;

/**
 * Goes through the records of one segment in order, with a window of bounded size. Where the next
 * record is not what it should be, it looks on at steps of 64 octets for one that is. After a force
 * the writer goes on at the next multiple of 4096, so zeros up to there belong to the order.
 *
 * <p>A record found later must have a later LSN: a mail may carry a copy of the spool, and an older
 * record in its content is then as genuine as its checksums.
 */
@NonThreadSafe
final class RecordScan {
  /**
   * Octets that hold no record though one should be there.
   *
   * @param from where it begins
   * @param to where the next record begins, or the segment ends
   * @param firstLsn the first LSN that is missing
   * @param tail whether no record follows
   */
  record Hole(int from, int to, long firstLsn, boolean tail) {}

  private final DiskFile file;
  private final SegmentHeader segment;
  private final ByteBuffer window;
  private final CRC32C crc = new CRC32C();
  private final List<Hole> holes = new ArrayList<>();
  private final RecordHeader header = new RecordHeader();
  // Where in the file the window begins, and how much of it is filled.
  private int windowAt;
  private int windowBytes;
  private int position;
  private int next = SegmentHeader.RECORDS_AT;
  private long expectedLsn;
  private boolean closed;

  /**
   * @param window lent for the scan, at least 4096 octets
   */
  RecordScan(DiskFile file, SegmentHeader segment, ByteBuffer window) {
    this.file = file;
    this.segment = segment;
    this.window = window;
    this.expectedLsn = segment.firstLsn();
  }

  /** Moves to the next record; false at the end. */
  boolean next() throws DiskFailure {
    int from = next;
    int at = next;
    while (at + RecordHeader.BYTES <= segment.segmentBytes()) {
      int step = RecordHeader.BYTES;
      if (fill(at, RecordHeader.BYTES)
          && header.decode(window, at - windowAt, segment.incarnation())
          && header.lsn >= expectedLsn
          && at + RecordHeader.recordBytes(header.payloadLength) <= segment.segmentBytes()) {
        step = (int) RecordHeader.recordBytes(header.payloadLength);
        // A whole header says how far a damaged payload goes; nothing in there is looked at.
        if (payloadHolds(at)) {
          // Nothing is missing before the record that comes next, wherever it stands.
          if (header.lsn != expectedLsn) {
            holes.add(new Hole(from, at, expectedLsn, false));
          }
          position = at;
          next = at + step;
          expectedLsn = header.lsn + 1;
          closed = header.kind == RecordHeader.MARK && (header.flags & RecordHeader.CLOSING) != 0;
          return true;
        }
      }
      at += step;
    }
    endAt(from);
    return false;
  }

  /**
   * A clean end is a closing mark, or zeros up to a multiple of 4096 and then the segment's own end
   * or 64 more of them.
   */
  private void endAt(int from) throws DiskFailure {
    next = segment.segmentBytes();
    int block = SegmentHeader.nextBlock(from);
    boolean full = block + RecordHeader.BYTES > segment.segmentBytes();
    boolean clean =
        isZero(from, Math.min(block, next) - from) && (full || isZero(block, RecordHeader.BYTES));
    if (!closed && !clean) {
      holes.add(new Hole(from, segment.segmentBytes(), expectedLsn, true));
    }
    closed |= full && clean;
    position = from;
  }

  private boolean isZero(int at, int count) throws DiskFailure {
    if (!fill(at, count)) {
      return false;
    }
    for (int i = 0; i < count; i += Long.BYTES) {
      if (window.getLong(at - windowAt + i) != 0) {
        return false;
      }
    }
    return true;
  }

  private boolean payloadHolds(int at) throws DiskFailure {
    header.seed(crc);
    int done = 0;
    while (done < header.payloadLength) {
      int from = at + RecordHeader.BYTES + done;
      int part = Math.min(header.payloadLength - done, window.capacity());
      if (!fill(from, part)) {
        return false;
      }
      crc.update(window.slice(from - windowAt, part));
      done += part;
    }
    return (int) crc.getValue() == header.payloadCrc;
  }

  /** Brings {@code count} octets from {@code at} on into the window; false at the file's end. */
  private boolean fill(int at, int count) throws DiskFailure {
    if (at < windowAt || at + count > windowAt + windowBytes) {
      window.clear();
      windowAt = at;
      windowBytes = file.read(window, at);
    }
    return count <= windowBytes;
  }

  /** The record that the scan stands on. */
  RecordHeader header() {
    return header;
  }

  /** Where the record begins that the scan stands on; after the last one, where it ended. */
  int position() {
    return position;
  }

  /** A part of the record's payload, copied. */
  byte[] payload(int offset, int length) throws DiskFailure {
    var part = new byte[length];
    var into = ByteBuffer.wrap(part);
    file.read(into, position + (long) RecordHeader.BYTES + offset);
    return part;
  }

  /**
   * After the last record: what was found missing. Where it looks like a clean end and the writer
   * did not say that it is the end, there is a hole without octets: whether more was forced here
   * than is left, records of other segments tell.
   */
  List<Hole> holesWithEnd() {
    if (!closed && (holes.isEmpty() || !holes.getLast().tail())) {
      holes.add(new Hole(position, position, expectedLsn, true));
    }
    return holes;
  }
}
