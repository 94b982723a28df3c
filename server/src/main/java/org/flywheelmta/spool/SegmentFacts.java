package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;

/**
 * What is known of the records of one segment: from its checkpoints, or else from the records. The
 * owner releases {@link #facts}.
 *
 * @param facts to be read with {@link Facts}
 * @param holes places where a record should be and is none; none where checkpoints were believed
 * @param records how many are whole; of a checkpointed segment those that have facts
 * @param forcedLsn the last LSN that any record of the segment names as forced
 * @param checkpointed whether only the checkpoints were read
 */
@SingleThreadSafe
record SegmentFacts(
    ByteBuf facts,
    List<RecordScan.Hole> holes,
    long records,
    long forcedLsn,
    boolean checkpointed) {
  // Facts live for a moment each, and nothing is written from them: garbage is what they may be.
  static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false, true);

  /**
   * Reads what checkpoints say where they are whole, and all records otherwise.
   *
   * @param window lent for the call
   */
  static SegmentFacts read(Disk disk, Segment segment, ScanWindow window) throws DiskFailure {
    try (var file = disk.openRead(segment.path)) {
      var checkpoints = new Checkpoints(file, segment.header, HEAP);
      var facts = checkpoints.read();
      if (facts != null) {
        long records = 0;
        for (var fact = new Facts(facts); fact.next(); ) {
          records++;
        }
        return new SegmentFacts(facts, List.of(), records, checkpoints.forcedLsn(), true);
      }
      return scan(file, segment, window);
    }
  }

  /**
   * Reads all records, and verifies each.
   *
   * @param window lent for the call
   */
  static SegmentFacts scan(Disk disk, Segment segment, ScanWindow window) throws DiskFailure {
    try (var file = disk.openRead(segment.path)) {
      return scan(file, segment, window);
    }
  }

  private static SegmentFacts scan(DiskFile file, Segment segment, ScanWindow window)
      throws DiskFailure {
    var scan = new RecordScan(file, segment.header, window.buffer());
    var facts = HEAP.buffer();
    boolean whole = false;
    try {
      long records = 0;
      long forcedLsn = 0;
      while (scan.next()) {
        records++;
        forcedLsn = Math.max(forcedLsn, scan.header().forcedLsn);
        add(facts, scan);
      }
      whole = true;
      return new SegmentFacts(facts, scan.holesWithEnd(), records, forcedLsn, false);
    } finally {
      if (!whole) {
        facts.release();
      }
    }
  }

  private static void add(ByteBuf facts, RecordScan scan) throws DiskFailure {
    switch (scan.header().kind) {
      case RecordHeader.TRANSACTION -> addTransaction(facts, scan);
      case RecordHeader.CHUNK -> {
        var prefix = ByteBuffer.wrap(scan.payload(0, OpenChunks.PREFIX_BYTES));
        boolean compressed = (scan.header().flags & RecordHeader.COMPRESSED) != 0;
        var body = compressed ? FactCodec.ofCompressed(prefix.getInt(4)) : Unpooled.EMPTY_BUFFER;
        add(facts, scan, prefix.getInt(0), body);
      }
      case RecordHeader.OUTCOME -> {
        var payload = Unpooled.wrappedBuffer(scan.payload(0, scan.header().payloadLength));
        var entries = OutcomeCodec.decode(payload);
        add(facts, scan, 0, FactCodec.ofOutcome(entries));
      }
      case RecordHeader.FOREIGN -> {
        var payload = scan.payload(0, scan.header().payloadLength);
        add(facts, scan, 0, Unpooled.wrappedBuffer(payload));
      }
      case RecordHeader.DEDUPE -> {
        int bytes = scan.header().payloadLength;
        boolean isKey = bytes == DedupeKey.BYTES;
        var body = isKey ? Unpooled.wrappedBuffer(scan.payload(0, bytes)) : Unpooled.EMPTY_BUFFER;
        add(facts, scan, 0, body);
      }
      default -> {
        if (RecordHeader.isCarried(scan.header().kind)) {
          add(facts, scan, 0, Unpooled.EMPTY_BUFFER);
        }
      }
    }
  }

  private static void addTransaction(ByteBuf facts, RecordScan scan) throws DiskFailure {
    var payload = Unpooled.wrappedBuffer(scan.payload(0, TransactionCodec.PREFIX_BYTES));
    var prefix = TransactionCodec.Prefix.decode(payload);
    var metadata =
        Unpooled.wrappedBuffer(scan.payload(TransactionCodec.PREFIX_BYTES, prefix.metadataBytes()));
    var id = new TransactionId(scan.header().idHigh, scan.header().idLow);
    var envelope = TransactionCodec.decode(id, prefix, metadata);
    add(facts, scan, prefix.chunkCount(), FactCodec.ofEnvelope(envelope));
  }

  private static void add(ByteBuf facts, RecordScan scan, int number, ByteBuf body) {
    var head = ByteBuffer.allocate(Facts.HEAD_BYTES);
    Facts.putHead(head, scan.header(), number, scan.position(), body.readableBytes());
    facts.writeBytes(head.flip());
    facts.writeBytes(body);
    body.release();
  }
}
