package org.flywheelmta.spool;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Counter;

/** What a volume counts and measures about itself; any thread reads it at any time. */
@ConcurrentThreadSafe
public final class SpoolStatistics {
  /** How many buckets a {@link Histogram} has. */
  public static final int BUCKETS = 32;

  private final Counter commits = new Counter("flywheel_spool_commits_total");
  private final Counter duplicates = new Counter("flywheel_spool_duplicates_total");
  private final Counter batches = new Counter("flywheel_spool_batches_total");
  private final Counter forces = new Counter("flywheel_spool_forces_total");
  private final Counter written = new Counter("flywheel_spool_written_bytes_total");
  private final Counter moved = new Counter("flywheel_spool_compaction_bytes_total");
  private final Counter compacted = new Counter("flywheel_spool_compacted_segments_total");
  private final Counter laneIn = new Counter("flywheel_spool_compression_in_bytes_total");
  private final Counter laneOut = new Counter("flywheel_spool_compression_out_bytes_total");
  private final Counter verified = new Counter("flywheel_spool_verified_bytes_total");
  private final Histogram commitMicros = new Histogram();
  private final Histogram batchRecords = new Histogram();
  private final AtomicLong segmentBytes = new AtomicLong();
  private final AtomicLong neededBytes = new AtomicLong();
  private final AtomicLong blankBytes = new AtomicLong();
  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong dedupeKeys = new AtomicLong();
  private final AtomicLong recoverySegments = new AtomicLong();
  private final AtomicLong recoveryRead = new AtomicLong();
  private final AtomicLong recoveryMessages = new AtomicLong();
  private volatile boolean recovered;

  /** Counts in buckets that double: bucket n counts values below 2 to the nth. */
  @ConcurrentThreadSafe
  public static final class Histogram {
    private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);
    private final AtomicLong sum = new AtomicLong();

    void add(long value) {
      int bucket = Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(Math.max(0, value)));
      buckets.incrementAndGet(bucket);
      sum.addAndGet(value);
    }

    /** How many values were below {@code 1L << bucket} and not below half of that. */
    public long count(int bucket) {
      return buckets.get(bucket);
    }

    /** How many values there were. */
    public long count() {
      long count = 0;
      for (int i = 0; i < BUCKETS; i++) {
        count += buckets.get(i);
      }
      return count;
    }

    /** All values together. */
    public long sum() {
      return sum.get();
    }

    /** A value that at least {@code percent} of all values were below; 0 where there are none. */
    public long below(int percent) {
      long wanted = (count() * percent + 99) / 100;
      long seen = 0;
      for (int i = 0; i < BUCKETS && wanted > 0; i++) {
        seen += buckets.get(i);
        if (seen >= wanted) {
          return 1L << i;
        }
      }
      return 0;
    }
  }

  void committed(long askedNanos, long nowNanos) {
    commits.increment();
    commitMicros.add(TimeUnit.NANOSECONDS.toMicros(nowNanos - askedNanos));
  }

  void duplicate() {
    duplicates.increment();
  }

  void wrote(int records, int bytes) {
    batches.increment();
    batchRecords.add(records);
    written.add(bytes);
  }

  void forced() {
    forces.increment();
  }

  void moved(long bytes) {
    moved.add(bytes);
  }

  void compacted() {
    compacted.increment();
  }

  /** A part of a content was compressed, or was not since it would save too little. */
  void passedLane(int bytesBefore, int bytesAfter) {
    laneIn.add(bytesBefore);
    laneOut.add(bytesAfter);
  }

  void verified(int bytes) {
    verified.add(bytes);
  }

  void holds(long inSegments, long needed, long blank, long ofTransactions) {
    segmentBytes.set(inSegments);
    neededBytes.set(needed);
    blankBytes.set(blank);
    transactions.set(ofTransactions);
  }

  void keepsKeys(int count) {
    dedupeKeys.set(count);
  }

  void recoverySegments(int count) {
    recoverySegments.set(count);
  }

  void recoveryRead() {
    recoveryRead.incrementAndGet();
  }

  void recoveryHandedOver(int messages) {
    recoveryMessages.addAndGet(messages);
  }

  void recoveryDone() {
    recovered = true;
  }

  /** Microseconds from the request of a commit to its force. */
  public Histogram commitMicros() {
    return commitMicros;
  }

  /** Records in one write. */
  public Histogram batchRecords() {
    return batchRecords;
  }

  /** Octets of the files of segments that hold anything. */
  public long segmentBytes() {
    return segmentBytes.get();
  }

  /** Octets of the records in them that are still needed; the rest is dead. */
  public long neededBytes() {
    return neededBytes.get();
  }

  /** Octets of the files of blank segments. */
  public long blankBytes() {
    return blankBytes.get();
  }

  /** Transactions whose record is on disk, finished ones among them. */
  public long transactions() {
    return transactions.get();
  }

  /** Dedupe keys that are kept. */
  public long dedupeKeys() {
    return dedupeKeys.get();
  }

  /** Segments of an earlier start. */
  public long recoverySegments() {
    return recoverySegments.get();
  }

  /** How many of them were read so far. */
  public long recoverySegmentsRead() {
    return recoveryRead.get();
  }

  /** Messages of an earlier start that were handed over so far. */
  public long recoveredMessages() {
    return recoveryMessages.get();
  }

  /** True once all of them were. */
  public boolean isRecovered() {
    return recovered;
  }

  /** What is counted, for metrics. */
  public List<Counter> counters() {
    return List.of(
        commits, duplicates, batches, forces, written, moved, compacted, verified, laneIn, laneOut);
  }
}
