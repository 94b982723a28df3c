package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;

/**
 * Finds out from the facts of segments which transactions still wait. It writes nothing; recovery
 * and the tools that look at a spool share it.
 *
 * <p>Two passes over the segments, each in the order of LSNs. The first, {@link #learn}, takes the
 * records of transactions and their chunks, of several copies the last. The second, {@link #apply},
 * takes the states of their recipients: of several that with the highest LSN, wherever it stands. A
 * transaction that was moved stands after states of its own, hence the two.
 */
@SingleThreadSafe
final class RecoveryScan {
  /**
   * Octets that are no record though one should be there.
   *
   * @param damage true when they were forced once; false for what a stop tore
   */
  record Finding(Segment segment, RecordScan.Hole hole, boolean damage) {}

  /** A transaction that waits and of whose content a chunk is missing. */
  record Incomplete(TransactionId id, Extent home, boolean damage) {}

  private record Keyed(DedupeKey key, TransactionId id) {}

  private record Settled(Settlement settlement, TransactionId by, long lsn, boolean elsewhere) {}

  private final Disk disk;
  private final boolean trusting;
  private final ScanWindow window = new ScanWindow();
  private final Accounts accounts = new Accounts();
  private final RecoveredStates states = new RecoveredStates();
  private final Map<TransactionId, FoundChunks> chunked = new HashMap<>();
  // Transactions whose first record the second pass has gone by, by handle.
  private final BitSet begun = new BitSet();
  // All transactions, for the tools.
  private final Set<TransactionId> found = new HashSet<>();
  private final List<Settled> settled = new ArrayList<>();
  private final ForeignScan foreign = new ForeignScan(accounts, states);
  private final LongSupplier wallMicros;
  private final DedupeAccounts keys;
  // Keys of transactions with chunks, of which it is not known yet whether they came to be.
  private final List<Keyed> doubtful = new ArrayList<>();
  private final Map<Segment, SegmentFacts> scanned = new HashMap<>();
  private final Map<Long, Long> forcedByEpoch = new TreeMap<>();
  private final List<Map.Entry<Segment, RecordScan.Hole>> holes = new ArrayList<>();
  private final Map<Segment, String> unreadable = new LinkedHashMap<>();
  private final List<Segment> checkpointed = new ArrayList<>();
  private long records;
  private int transactions;

  /**
   * @param trusting whether checkpoints are believed; otherwise every record is read
   * @param wallMicros the wall clock, by which dedupe keys end and foreign outcomes are given up
   */
  RecoveryScan(Disk disk, boolean trusting, SpoolSettings.Dedupe dedupe, LongSupplier wallMicros) {
    this.disk = disk;
    this.trusting = trusting;
    this.wallMicros = wallMicros;
    this.keys = new DedupeAccounts(accounts, dedupe, wallMicros);
  }

  /** The first pass; those before the segment in the order of LSNs have been through it. */
  void learn(Segment segment) {
    accounts.add(segment);
    try {
      var read = read(segment);
      if (read.checkpointed()) {
        checkpointed.add(segment);
      }
      records += read.records();
      forcedByEpoch.merge(segment.header.epoch(), read.forcedLsn(), Math::max);
      read.holes().forEach(hole -> holes.add(Map.entry(segment, hole)));
      for (var fact = new Facts(read.facts()); fact.next(); ) {
        long end = fact.position + RecordHeader.recordBytes(fact.payloadLength);
        segment.usedBytes = end - SegmentHeader.RECORDS_AT;
        switch (fact.kind) {
          case RecordHeader.TRANSACTION -> learnTransaction(fact, segment);
          case RecordHeader.CHUNK -> learnChunk(fact, segment);
          case RecordHeader.FOREIGN -> foreign.learn(fact, segment);
          case RecordHeader.DEDUPE -> learnKey(fact, segment);
          default -> segment.carried += RecordHeader.isCarried(fact.kind) ? 1 : 0;
        }
      }
      letGo(segment, read);
    } catch (DiskFailure failure) {
      unreadable.put(segment, failure.getMessage());
    }
  }

  private SegmentFacts read(Segment segment) throws DiskFailure {
    var known = scanned.get(segment);
    if (known != null) {
      return known;
    }
    var read =
        trusting
            ? SegmentFacts.read(disk, segment, window)
            : SegmentFacts.scan(disk, segment, window);
    if (!read.checkpointed()) {
      // It took reading all of it; nothing is read twice.
      scanned.put(segment, read);
    }
    return read;
  }

  private void letGo(Segment segment, SegmentFacts read) {
    if (scanned.get(segment) != read) {
      read.facts().release();
    }
  }

  private void learnTransaction(Facts fact, Segment segment) {
    learnOwnKey(fact, segment);
    var home = new Extent(segment, fact.position, fact.payloadLength);
    int known = accounts.residences().find(fact.idHigh, fact.idLow);
    if (known != Residences.NONE) {
      accounts.moved(known, home);
      return;
    }
    transactions++;
    var id = fact.id();
    if (!trusting) {
      found.add(id);
    }
    int handle = accounts.committed(id, home, List.of(), FactCodec.recipients(fact.body()));
    if (fact.isRestated()) {
      // Its first record is gone, so all states that are left are of this one.
      begun.set(handle);
    }
    if (fact.number > 0) {
      chunked.computeIfAbsent(id, _ -> new FoundChunks()).committed(fact.number, fact.lsn);
    }
  }

  /**
   * A key in a copy of a transaction's record counts for nothing: a record of its own repeats it.
   */
  private void learnOwnKey(Facts fact, Segment segment) {
    var key = fact.isRestated() ? null : FactCodec.key(fact.body());
    if (key != null) {
      keys.add(key, fact.id(), segment);
      if (fact.number > 0) {
        doubtful.add(new Keyed(key, fact.id()));
      }
    }
  }

  private void learnKey(Facts fact, Segment segment) {
    var key = FactCodec.ownKey(fact.body());
    if (key == null) {
      segment.carried++;
    } else {
      keys.add(key, fact.id(), segment);
    }
  }

  private void learnChunk(Facts fact, Segment segment) {
    var extent = fact.extent(segment);
    if (fact.isCompressed() && !FrameCodec.isPlausible(extent.plainBytes())) {
      // This server never wrote it, and nothing is to be taken from any budget for it.
      return;
    }
    var chunks = chunked.computeIfAbsent(fact.id(), _ -> new FoundChunks());
    var earlier = chunks.put(fact.number, extent, fact.isRestated());
    if (earlier != null) {
      accounts.pinTarget(earlier.segment(), segment);
    }
  }

  /** Between the passes: joins transactions and their chunks. */
  void join() {
    if (!unreadable.isEmpty()) {
      // What is in there cannot be known. While it may come back at another start, nothing that
      // was said of it elsewhere may go.
      accounts.segments().forEach(accounts::pin);
    }
    chunked
        .entrySet()
        .removeIf(
            entry -> {
              var chunks = entry.getValue();
              if (chunks.isWhole()) {
                int handle = accounts.find(entry.getKey());
                chunks.extents().forEach(accounts::hold);
                accounts.residences().setChunks(handle, chunks.extents());
              }
              // What no transaction's record commits never came to be.
              return chunks.isWhole() || !chunks.isCommitted();
            });
  }

  /**
   * The second pass.
   *
   * @throws DiskFailure when what could be read before cannot be read now
   */
  void apply(Segment segment) throws DiskFailure {
    if (unreadable.containsKey(segment)) {
      return;
    }
    var read = read(segment);
    for (var fact = new Facts(read.facts()); fact.next(); ) {
      if (fact.kind == RecordHeader.OUTCOME) {
        int handle = accounts.residences().find(fact.idHigh, fact.idLow);
        // What stands before the first record of an id is of an earlier one that had it.
        if (handle != Residences.NONE && begun.get(handle)) {
          applyOutcome(handle, fact);
        }
      } else if (fact.kind == RecordHeader.TRANSACTION && !fact.isRestated()) {
        int handle = accounts.residences().find(fact.idHigh, fact.idLow);
        if (handle != Residences.NONE) {
          begun.set(handle);
        }
        // One that was moved says nothing new: what it settled was repeated as an outcome.
        var settlement = FactCodec.settles(fact.body());
        if (settlement != null) {
          boolean elsewhere = (fact.flags & RecordHeader.SETTLES_ELSEWHERE) != 0;
          settled.add(new Settled(settlement, fact.id(), fact.lsn, elsewhere));
        }
      }
    }
    letGo(segment, read);
  }

  private void applyOutcome(int handle, Facts fact) {
    for (var entry : FactCodec.entries(fact.body())) {
      // The last entry may have finished it, and then nothing needs to be remembered of it.
      int still = accounts.residences().find(fact.idHigh, fact.idLow);
      if (still == handle) {
        applyState(handle, entry.recipient(), entry.outcome(), fact.lsn);
      }
    }
  }

  private void applyState(int handle, int recipient, StoredOutcome outcome, long lsn) {
    var residences = accounts.residences();
    boolean exists = recipient >= 0 && recipient < residences.recipients(handle);
    if (!exists || lsn <= residences.stateLsn(handle, recipient)) {
      return;
    }
    if (residences.isWaiting(handle, recipient)) {
      // What a settlement does not repeat of earlier outcomes, an outcome behind it does.
      var state = outcome.amending(residences.amended(handle, recipient));
      states.set(residences, handle, recipient, state);
      accounts.state(handle, recipient, lsn, state.kind().isFinal(), state.fields());
    } else if (outcome.kind().isFinal()) {
      accounts.restated(handle, recipient, lsn);
    }
  }

  /** Ends the second pass: transactions that settle others count where they came to be. */
  void settle() {
    for (var one : settled) {
      int handle = accounts.find(one.settlement().id());
      boolean torn = isTorn(one.by());
      if (handle != Residences.NONE && !torn) {
        applyState(handle, one.settlement().recipient(), one.settlement().outcome(), one.lsn());
      } else if (one.elsewhere() && !torn) {
        foreign.settled(one.settlement(), one.lsn());
      }
    }
    settled.clear();
    for (var one : doubtful) {
      if (isTorn(one.id())) {
        keys.forget(one.key(), one.id());
      }
    }
    doubtful.clear();
  }

  /** One whose chunks are not all there never came to be, unless something became of it later. */
  private boolean isTorn(TransactionId id) {
    int handle = accounts.find(id);
    return chunked.containsKey(id) && handle != Residences.NONE && isUntouched(handle);
  }

  private boolean isUntouched(int handle) {
    for (int i = 0; i < accounts.residences().recipients(handle); i++) {
      if (accounts.residences().stateLsn(handle, i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** What recovery finds of outcomes on another volume than their transaction. */
  ForeignScan foreign() {
    return foreign;
  }

  /** Holds on to those that are needed. */
  void hold(Volumes volumes) {
    long now = wallMicros.getAsLong();
    foreign.hold(outcome -> volumes.isNeeded(outcome, now));
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

  /** Segments that could not be read, one sentence each. */
  List<String> unreadable() {
    return List.copyOf(unreadable.values());
  }

  /** Takes out what waits and of which a chunk is missing: it is held no longer. */
  List<Incomplete> takeIncomplete() {
    var incomplete = new ArrayList<Incomplete>();
    chunked.forEach(
        (id, chunks) -> {
          int handle = accounts.find(id);
          if (handle != Residences.NONE && accounts.residences().isLiving(handle)) {
            var home = accounts.home(handle);
            boolean damage = wasForced(home.segment(), chunks.lsn());
            incomplete.add(new Incomplete(id, home, damage));
            accounts.lost(handle);
          }
        });
    chunked.clear();
    return incomplete;
  }

  /**
   * The recipients of a segment's transactions that wait, in the order of their records.
   *
   * @throws DiskFailure when what could be read before cannot be read now
   */
  void listWaiting(Segment segment, WaitingList into) throws DiskFailure {
    if (unreadable.containsKey(segment)) {
      return;
    }
    var residences = accounts.residences();
    var read = read(segment);
    for (var fact = new Facts(read.facts()); fact.next(); ) {
      if (fact.kind != RecordHeader.TRANSACTION) {
        continue;
      }
      int handle = residences.find(fact.idHigh, fact.idLow);
      if (handle == Residences.NONE || !accounts.isHome(handle, segment, fact.position)) {
        continue;
      }
      for (int i = 0; i < residences.recipients(handle); i++) {
        if (residences.isWaiting(handle, i) && !foreign.isDone(fact.id(), i)) {
          into.add(segment, fact.at(), i, states.attempts(handle, i), states.dueMicros(handle, i));
        }
      }
    }
    letGo(segment, read);
  }

  /** The facts of a segment, which stay these scans'; only where checkpoints are not believed. */
  SegmentFacts factsOf(Segment segment) throws DiskFailure {
    return read(segment);
  }

  /** Once more the facts of a segment, which the caller releases. */
  SegmentFacts factsAgain(Segment segment) throws DiskFailure {
    var read = read(segment);
    scanned.remove(segment);
    return read;
  }

  /** What is in memory of segments is not needed any more. */
  void close() {
    scanned.values().forEach(read -> read.facts().release());
    scanned.clear();
  }

  /** The dedupe keys that are kept. */
  DedupeAccounts keys() {
    return keys;
  }

  Accounts accounts() {
    return accounts;
  }

  /** Segments of which nothing but checkpoints was read. */
  List<Segment> checkpointed() {
    return checkpointed;
  }

  long records() {
    return records;
  }

  /** True when a record of that transaction was found. */
  boolean knows(TransactionId id) {
    return found.contains(id);
  }

  int transactions() {
    return transactions;
  }
}
