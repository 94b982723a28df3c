package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * The end of the log: frames records into a batch, writes the batch with one gathered write, and
 * forces it. Owned by the commit thread.
 *
 * <p>A block of 4096 octets that holds a forced record is never written again before its segment is
 * recycled: a disk that loses power while it writes a block may lose all of that block, and with it
 * what was acknowledged before. So after a force the log goes on at the next block.
 */
@SingleThreadSafe
final class LogWriter {
  /** Records in one batch at most. */
  static final int BATCH_RECORDS = 1024;

  private static final int FIRST_FACTS_BYTES = 16 * 1024;
  private static final ByteBuffer NO_FACTS = ByteBuffer.allocate(0);

  /** A batch is written once it holds this many octets. */
  static final int BATCH_BYTES = 4 * 1024 * 1024;

  // Behind what is forced, the rest of its block is left alone; then a checkpoint, whose facts may
  // be those of one record more, and the mark. A checkpoint is rounded up, and so is one before it.
  private static final int TAIL_BYTES = SegmentHeader.BLOCK_BYTES + 4 * RecordHeader.BYTES;

  // A batch may get a checkpoint on top of each record of its own.
  private static final int SLOTS = BATCH_RECORDS + 16;

  private final Disk disk;
  private final Clock clock;
  private final Randomness randomness;
  private final long epoch;
  private final int segmentBytes;
  private final boolean directIo;
  private final int checkpointBytes;
  // Blank segments that are ready for use, oldest first.
  private final ArrayDeque<Spare> spares = new ArrayDeque<>();

  private final ByteBuffer headers = ByteBuffer.allocateDirect(SLOTS * RecordHeader.BYTES);
  private final ByteBuffer[] headerParts = new ByteBuffer[SLOTS];
  private final ByteBuffer[] paddings = new ByteBuffer[SLOTS];
  // Zeros up to the end of a block, and one block of them.
  private final ByteBuffer terminator = ByteBuffer.allocateDirect(2 * SegmentHeader.BLOCK_BYTES);
  private final RecordHeader header = new RecordHeader();
  private final CRC32C crc = new CRC32C();
  private final List<ByteBuf> owned = new ArrayList<>();
  private ByteBuffer[] gathered = new ByteBuffer[4 * BATCH_RECORDS];
  private int gatheredCount;
  private int records;
  private int batchBytes;

  private @Nullable Segment active;
  private @Nullable DiskFile file;
  private @Nullable ByteBuffer secondCopy;
  // Facts of the records of the active segment that no checkpoint holds yet.
  private ByteBuffer facts = NO_FACTS;
  // The active segment has its last checkpoint, and nothing more goes into it.
  private boolean isClosing;
  // Where the last checkpoint of the active segment stands; 0 for none.
  private int lastCheckpoint;
  private int position;
  private long nextLsn;
  private long writtenLsn;
  private long forcedLsn;

  /**
   * A blank segment.
   *
   * @param number in its name
   */
  record Spare(int number, Path path) {}

  LogWriter(Disk disk, Clock clock, Randomness randomness, long epoch, SpoolSettings settings) {
    this.disk = disk;
    this.clock = clock;
    this.randomness = randomness;
    this.epoch = epoch;
    this.segmentBytes = settings.segmentBytes();
    this.directIo = settings.directIo();
    this.nextLsn = RecordHeader.firstLsn(epoch);
    this.writtenLsn = nextLsn - 1;
    this.forcedLsn = nextLsn - 1;
    this.checkpointBytes = Math.min(Checkpoints.MAX_BYTES, segmentBytes / 16);
    for (int i = 0; i < SLOTS; i++) {
      headerParts[i] = headers.slice(i * RecordHeader.BYTES, RecordHeader.BYTES);
      paddings[i] = terminator.duplicate();
    }
  }

  void addSpare(Spare spare) {
    spares.add(spare);
  }

  int spares() {
    return spares.size();
  }

  long forcedLsn() {
    return forcedLsn;
  }

  /** The LSN of the last record that was added. */
  long lastLsn() {
    return nextLsn - 1;
  }

  /** True when records were written that no force has made durable. */
  boolean isUnforced() {
    return writtenLsn > forcedLsn;
  }

  /** Takes an LSN for which there will be no record here. */
  long takeLsn() {
    return nextLsn++;
  }

  boolean hasBatch() {
    return records > 0;
  }

  boolean isBatchFull() {
    return isBatchFull(0);
  }

  /** True when no more records than {@code slots} go into the batch. */
  boolean isBatchFull(int slots) {
    return records >= BATCH_RECORDS - slots || batchBytes >= BATCH_BYTES;
  }

  int batchRecords() {
    return records;
  }

  int batchBytes() {
    return batchBytes;
  }

  /** How many octets of records and their facts go into a blank segment. */
  int blankRoomBytes() {
    return blankRoomBytes(segmentBytes);
  }

  static int blankRoomBytes(int segmentBytes) {
    return segmentBytes - SegmentHeader.RECORDS_AT - RecordHeader.BYTES - TAIL_BYTES;
  }

  /**
   * True when a record with that payload still goes into the active segment.
   *
   * @param factBytes length of its fact's body
   */
  boolean hasRoom(int payloadLength, int factBytes) {
    long bytes = RecordHeader.recordBytes(payloadLength) + Facts.HEAD_BYTES + factBytes;
    return bytes <= roomBytes();
  }

  /**
   * How many octets of records and their facts still go into the active segment. The rest is for
   * its last checkpoint and its closing mark, which begin in a block of their own.
   */
  int roomBytes() {
    if (active == null || isClosing) {
      return 0;
    }
    int waiting = facts.position();
    long tail = RecordHeader.recordBytes(waiting) + TAIL_BYTES;
    return (int) Math.max(0, segmentBytes - SegmentHeader.nextBlock(nextPosition()) - tail);
  }

  /** The segment that records are appended to. */
  Segment active() {
    var segment = active;
    if (segment == null) {
      throw Check.bug("a record is added and no segment is active");
    }
    return segment;
  }

  /** Where the next record's header will stand in the active segment. */
  int nextPosition() {
    return position + batchBytes;
  }

  /**
   * Frames a record; the caller has made sure of its room. The writer takes over a reference to
   * each part and releases it once the batch is written.
   *
   * @param number of its fact: of a transaction the number of its chunks, of a chunk its index
   * @param fact the body of its fact; read within the call, the caller's reference stays
   * @return its LSN
   */
  long add(int kind, int flags, TransactionId id, int number, ByteBuf fact, ByteBuf... payload) {
    int at = nextPosition();
    int length = 0;
    for (var part : payload) {
      length += part.readableBytes();
    }
    Check.that(!isBatchFull(), "a batch is over-full");
    Check.that(hasRoom(length, fact.readableBytes()), "a record does not fit");
    frame(kind, flags, id.high(), id.low(), payload);
    addFact(number, at, fact);
    long lsn = header.lsn;
    if (facts.position() >= checkpointBytes && records < SLOTS - 1) {
      addCheckpoint();
    }
    return lsn;
  }

  private void addFact(int number, int position, ByteBuf body) {
    int bytes = Facts.HEAD_BYTES + body.readableBytes();
    if (facts.remaining() < bytes) {
      int room = Math.max(facts.position() + bytes, 2 * facts.capacity());
      facts = ByteBuffer.allocate(Math.max(room, FIRST_FACTS_BYTES)).put(facts.flip());
    }
    Facts.putHead(facts, header, number, position, body.readableBytes());
    int end = facts.position() + body.readableBytes();
    int at = facts.arrayOffset() + facts.position();
    body.getBytes(body.readerIndex(), facts.array(), at, body.readableBytes());
    facts.position(end);
  }

  /** The facts that wait become a record; the next checkpoint names this one. */
  private void addCheckpoint() {
    // The buffer is the record's from here on; the next facts get one of their own.
    var payload = Unpooled.wrappedBuffer(facts.flip());
    facts = NO_FACTS;
    int at = nextPosition();
    frame(RecordHeader.CHECKPOINT, 0, lastCheckpoint, 0, payload);
    lastCheckpoint = at;
  }

  /** Adds a mark, which names what was forced. */
  void addMark() {
    frame(RecordHeader.MARK, 0, 0, 0);
  }

  private void frame(int kind, int flags, long idHigh, long idLow, ByteBuf... payload) {
    int length = 0;
    header.incarnation = active().header.incarnation();
    header.seed(crc);
    gather(headerParts[records].clear());
    for (var part : payload) {
      owned.add(part);
      length += part.readableBytes();
      if (part.nioBufferCount() == 1) {
        gatherPayload(part.nioBuffer());
      } else {
        for (var buffer : part.nioBuffers()) {
          gatherPayload(buffer);
        }
      }
    }
    header.lsn = nextLsn++;
    header.forcedLsn = forcedLsn;
    header.payloadLength = length;
    header.kind = kind;
    header.flags = flags;
    header.idHigh = idHigh;
    header.idLow = idLow;
    header.payloadCrc = (int) crc.getValue();
    header.encode(headers, records * RecordHeader.BYTES);
    int padding = (int) (RecordHeader.recordBytes(length) - RecordHeader.BYTES - length);
    if (padding > 0) {
      gather(paddings[records].clear().limit(padding));
    }
    batchBytes += (int) RecordHeader.recordBytes(length);
    records++;
    Check.that(nextPosition() <= segmentBytes, "a record does not fit");
  }

  private void gatherPayload(ByteBuffer buffer) {
    int from = buffer.position();
    crc.update(buffer);
    gather(buffer.position(from));
  }

  private void gather(ByteBuffer buffer) {
    // One place stays free for the terminator.
    if (gatheredCount + 1 >= gathered.length) {
      gathered = Arrays.copyOf(gathered, gathered.length * 2);
    }
    gathered[gatheredCount++] = buffer;
  }

  /**
   * Writes the batch. What it holds is durable after {@link #force} and not before.
   *
   * @throws DiskFailure when it cannot be written; where for want of room alone ({@code FULL}), the
   *     batch is kept, to be written again as it is
   */
  void write() throws DiskFailure {
    if (records == 0) {
      return;
    }
    int parts = gatheredCount;
    boolean isKept = false;
    var open = open();
    int end = position + batchBytes;
    int zerosEnd = Math.min(SegmentHeader.nextBlock(end) + SegmentHeader.BLOCK_BYTES, segmentBytes);
    if (zerosEnd > end) {
      // In a recycled segment old octets follow; the zeros tell a clean end from a torn one. What
      // comes next overwrites them: in the same block only before the force, and the block of
      // zeros after it, which holds nothing that was acknowledged.
      gather(terminator.clear().limit(zerosEnd - end));
    }
    for (int i = 0; i < gatheredCount; i++) {
      gathered[i].mark();
    }
    try {
      if (secondCopy != null) {
        // The first copy was forced before, so at any time one of both is whole.
        open.write(secondCopy.duplicate(), SegmentHeader.SECOND_COPY);
        secondCopy = null;
      }
      open.write(gathered, 0, gatheredCount, position);
    } catch (DiskFailure failure) {
      isKept = failure.kind() == DiskFailure.Kind.FULL;
      throw failure;
    } finally {
      if (isKept) {
        rewind(parts);
      } else {
        releaseBatch();
      }
    }
    position = end;
    writtenLsn = nextLsn - 1;
  }

  /** True of a record that was added and is not written. */
  boolean isUnwritten(Extent extent) {
    return records > 0 && extent.segment() == active && extent.position() >= position;
  }

  /** Part of the batch may have been written: it is as it was before, without its zeros. */
  private void rewind(int parts) {
    for (int i = 0; i < gatheredCount; i++) {
      gathered[i].reset();
    }
    gatheredCount = parts;
  }

  /** Makes everything written durable. */
  void force() throws DiskFailure {
    if (isUnforced()) {
      FinalForce.of(open(), active().path);
      forcedLsn = writtenLsn;
      // Not in the block that is durable now: if the next write tore it, it would be lost again.
      position = SegmentHeader.nextBlock(position);
    }
  }

  private DiskFile open() {
    var open = file;
    if (open == null) {
      throw Check.bug("a batch is written and no segment is open");
    }
    return open;
  }

  private void releaseBatch() {
    owned.forEach(ByteBuf::release);
    owned.clear();
    Arrays.fill(gathered, 0, gatheredCount, terminator);
    gatheredCount = 0;
    records = 0;
    batchBytes = 0;
  }

  /**
   * Closes the active segment, if there is one, and begins with the oldest spare one. What failed
   * for want of room may be called again, and goes on where that was.
   *
   * @return the new active segment
   */
  Segment roll() throws DiskFailure {
    closeActive();
    var spare = spares.element();
    var next =
        new SegmentHeader(
            SegmentHeader.VERSION,
            spare.number(),
            randomness.secret(),
            epoch,
            nextLsn,
            clock.wallMicros(),
            segmentBytes);
    var path = spare.path();
    var opened = directIo ? disk.openDirect(path) : disk.openWrite(path);
    var copy = next.encode();
    boolean isBegun = false;
    try {
      opened.write(copy.duplicate(), 0);
      // Before the first record, since a record without its segment's header cannot be found:
      // forced now, the header is there whenever a record is.
      FinalForce.of(opened, path);
      isBegun = true;
    } finally {
      if (!isBegun) {
        opened.close();
      }
    }
    file = opened;
    spares.remove();
    secondCopy = copy;
    position = SegmentHeader.RECORDS_AT;
    active = new Segment(path, next, Segment.Phase.ACTIVE);
    return active;
  }

  /**
   * Writes and forces what there is, then its last checkpoint, and the mark in the segment's last
   * 64 octets that says that nothing follows here.
   */
  void closeActive() throws DiskFailure {
    var closing = active;
    if (closing == null || file == null) {
      return;
    }
    write();
    if (!isClosing) {
      // First what the checkpoints speak of: recovery believes them without looking at it.
      force();
      closing.usedBytes = (long) position - SegmentHeader.RECORDS_AT;
      addCheckpoint();
      isClosing = true;
      write();
    }
    writeClosingMark();
    // Before any record of the next segment: a record there names what was forced here, and one
    // force reaches one file only.
    FinalForce.of(open(), closing.path);
    forcedLsn = nextLsn - 1;
    writtenLsn = forcedLsn;
    close();
    isClosing = false;
    closing.phase = Segment.Phase.CLOSED;
    closing.closedLsn = forcedLsn;
    active = null;
    lastCheckpoint = 0;
  }

  private void writeClosingMark() throws DiskFailure {
    var mark = ByteBuffer.allocateDirect(RecordHeader.BYTES);
    header.incarnation = active().header.incarnation();
    header.seed(crc);
    header.lsn = nextLsn;
    header.forcedLsn = forcedLsn;
    header.payloadLength = 0;
    header.kind = RecordHeader.MARK;
    header.flags = RecordHeader.CLOSING;
    header.idHigh = lastCheckpoint;
    header.idLow = 0;
    header.payloadCrc = (int) crc.getValue();
    header.encode(mark, 0);
    open().write(mark, Checkpoints.markAt(active().header));
    // Not before: tried again for want of room it is the same record, and none is missing.
    nextLsn++;
  }

  /** Closes the file; nothing is written any more. */
  void close() {
    releaseBatch();
    facts = NO_FACTS;
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
