package org.flywheelmta.spool;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.jspecify.annotations.Nullable;

/**
 * Reads segments in the order of their LSNs and finds out which transactions still wait. It writes
 * nothing; recovery and the tools that look at a spool share it.
 */
@SingleThreadSafe
final class RecoveryScan {
  /** A transaction whose record was found, with the latest outcome of each recipient. */
  static final class Found {
    final Residence residence;
    final @Nullable StoredOutcome[] latest;
    private final long lsn;
    private final boolean whole;

    Found(Residence residence, long lsn, boolean whole) {
      this.residence = residence;
      this.lsn = lsn;
      this.latest = new StoredOutcome[residence.recipients()];
      this.whole = whole;
    }
  }

  /**
   * Octets that are no record though one should be there.
   *
   * @param damage true when they were forced once; false for what a stop tore
   */
  record Finding(Segment segment, RecordScan.Hole hole, boolean damage) {}

  private final Disk disk;
  private final ByteBuffer window = ByteBuffer.allocateDirect(SpoolFolder.WINDOW_BYTES);
  private final Accounts accounts = new Accounts();
  private final Map<TransactionId, Found> known = new HashMap<>();
  private final List<Found> found = new ArrayList<>();
  private final Map<TransactionId, OpenChunks> open = new HashMap<>();
  private final Map<Long, Long> forcedByEpoch = new TreeMap<>();
  private final List<Map.Entry<Segment, RecordScan.Hole>> holes = new ArrayList<>();
  private final List<String> unreadable = new ArrayList<>();
  private long records;

  RecoveryScan(Disk disk) {
    this.disk = disk;
  }

  /** Reads one segment; those before it in the order of LSNs have been read. */
  void scan(Segment segment) {
    accounts.add(segment);
    try (var file = disk.openRead(segment.path)) {
      var scan = new RecordScan(file, segment.header, window);
      while (scan.next()) {
        records++;
        forcedByEpoch.merge(segment.header.epoch(), scan.header().forcedLsn, Math::max);
        take(scan, segment);
      }
      scan.holes().forEach(hole -> holes.add(Map.entry(segment, hole)));
      if (!scan.isClosed() && (scan.holes().isEmpty() || !scan.holes().getLast().tail())) {
        // It looks like a clean end. Whether more was forced here than is left, later records tell.
        int end = scan.position();
        holes.add(Map.entry(segment, new RecordScan.Hole(end, end, scan.expectedLsn(), true)));
      }
    } catch (DiskFailure failure) {
      unreadable.add(failure.getMessage());
      // Held for good: what cannot be read now may be read another time.
      accounts.hold(segment);
    }
  }

  private void take(RecordScan scan, Segment segment) throws DiskFailure {
    var header = scan.header();
    var id = new TransactionId(header.idHigh, header.idLow);
    switch (header.kind) {
      case RecordHeader.TRANSACTION -> takeTransaction(scan, segment, id);
      case RecordHeader.CHUNK -> takeChunk(scan, segment, id);
      case RecordHeader.OUTCOME -> takeOutcome(scan, id);
      default -> {
        if (RecordHeader.isCarried(header.kind)) {
          segment.carried++;
        }
      }
    }
  }

  private void takeTransaction(RecordScan scan, Segment segment, TransactionId id)
      throws DiskFailure {
    var payload = Unpooled.wrappedBuffer(scan.payload(0, TransactionCodec.PREFIX_BYTES));
    var prefix = TransactionCodec.Prefix.decode(payload);
    var metadata =
        Unpooled.wrappedBuffer(scan.payload(TransactionCodec.PREFIX_BYTES, prefix.metadataBytes()));
    var home = new Residence.Extent(segment, scan.position(), scan.header().payloadLength);
    var chunks = open.remove(id);
    boolean whole = prefix.chunkCount() == 0;
    var extents = List.<Residence.Extent>of();
    if (prefix.chunkCount() > 0 && chunks != null) {
      whole = chunks.extents.size() == prefix.chunkCount() && chunks.crc() == prefix.chunksCrc();
      extents = chunks.extents;
    }
    extents.forEach(extent -> accounts.hold(extent.segment()));
    var outline = TransactionCodec.outline(metadata);
    var residence = new Residence(id, home, extents, outline.recipients());
    accounts.committed(residence);
    var entry = new Found(residence, scan.header().lsn, whole);
    found.add(entry);
    known.put(id, entry);
    var settles = outline.settles();
    // One whose chunks are not all there never came to be, and neither did what it settles.
    if (settles != null && whole) {
      settle(settles, scan.header().lsn);
    }
  }

  private void settle(Settlement settlement, long lsn) {
    var entry = known.get(settlement.id());
    if (entry != null) {
      takeState(entry, settlement.recipient(), settlement.outcome(), lsn);
    }
  }

  private void takeChunk(RecordScan scan, Segment segment, TransactionId id) throws DiskFailure {
    int length = scan.header().payloadLength;
    int index = ByteBuffer.wrap(scan.payload(0, OpenChunks.PREFIX_BYTES)).getInt();
    if (index == 0) {
      open.put(id, new OpenChunks());
    }
    var chunks = open.get(id);
    if (chunks == null || chunks.extents.size() != index) {
      open.remove(id);
      return;
    }
    chunks.add(
        new Residence.Extent(segment, scan.position(), length),
        scan.payload(OpenChunks.PREFIX_BYTES, length - OpenChunks.PREFIX_BYTES));
  }

  private void takeOutcome(RecordScan scan, TransactionId id) throws DiskFailure {
    var entry = known.get(id);
    if (entry == null) {
      return;
    }
    var payload = Unpooled.wrappedBuffer(scan.payload(0, scan.header().payloadLength));
    for (var state : OutcomeCodec.decode(payload)) {
      takeState(entry, state.recipient(), state.outcome(), scan.header().lsn);
    }
  }

  private void takeState(Found entry, int recipient, StoredOutcome outcome, long lsn) {
    var residence = entry.residence;
    if (accounts.residence(residence.id) != residence) {
      return;
    }
    if (residence.isWaiting(recipient)) {
      // What a settlement does not repeat of earlier outcomes, an outcome behind it does.
      var state = outcome.amending(residence.amended(recipient));
      entry.latest[recipient] = state;
      accounts.state(residence, recipient, lsn, state.kind().isFinal(), state.fields());
    } else if (recipient < residence.recipients()) {
      accounts.restated(residence, recipient, lsn);
    }
  }

  /** What is wrong with the segments that were read. */
  List<Finding> findings() {
    var findings = new ArrayList<Finding>();
    for (var entry : holes) {
      var segment = entry.getKey();
      var hole = entry.getValue();
      boolean damage = wasForced(segment, hole.firstLsn());
      if (damage || hole.to() > hole.from()) {
        findings.add(new Finding(segment, hole, damage));
      }
    }
    return findings;
  }

  private boolean wasForced(Segment segment, long lsn) {
    return lsn <= forcedByEpoch.getOrDefault(segment.header.epoch(), 0L);
  }

  /** Whether a transaction is known to have been durable once, and so may be acknowledged. */
  boolean wasForced(Found entry) {
    return wasForced(entry.residence.home.segment(), entry.lsn);
  }

  /** Segments that could not be read, one sentence each. */
  List<String> unreadable() {
    return unreadable;
  }

  /**
   * Ends the scan: transactions that wait and whose chunks are all there, in the order in which
   * they came. Those of which a chunk is missing are given to {@code lost} and no longer held.
   */
  List<Found> living(Consumer<Found> lost) {
    var living = new ArrayList<Found>();
    for (var entry : found) {
      if (!entry.residence.isLiving()) {
        continue;
      }
      if (entry.whole) {
        living.add(entry);
      } else {
        lost.accept(entry);
        accounts.lost(entry.residence);
      }
    }
    return living;
  }

  Accounts accounts() {
    return accounts;
  }

  long records() {
    return records;
  }

  /** True when a record of that transaction was found. */
  boolean knows(TransactionId id) {
    return known.containsKey(id);
  }

  int transactions() {
    return found.size();
  }
}
