package org.flywheelmta.spool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.message.Stub;
import org.flywheelmta.scheduler.Duty;

/**
 * Brings back what an earlier start left, while the server takes new mail already: reads the old
 * segments, one in each pass, gives the accounts to the commit thread, and only then hands the
 * waiting messages over, so that an outcome or a read of theirs finds them known.
 */
@SingleThreadSafe
final class RecoveryDuty implements Duty {
  /** Messages that are handed over at once. */
  static final int BATCH = 100;

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Disk disk;
  private final OperatorLog log;
  private final Quarantine quarantine;
  private final Consumer<Request> commits;
  private final Recovered recovered;
  private final ArrayDeque<Segment> segments;
  private final RecoveryScan scan;
  private final TransactionRecords transactions;
  private final ArrayDeque<RecoveryScan.Found> living = new ArrayDeque<>();
  private final List<Stub> batch = new ArrayList<>();
  private boolean scanned;
  private boolean done;
  private long messages;

  RecoveryDuty(
      Disk disk,
      OperatorLog log,
      Quarantine quarantine,
      List<Segment> segments,
      Consumer<Request> commits,
      Recovered recovered) {
    this.disk = disk;
    this.log = log;
    this.quarantine = quarantine;
    this.segments = new ArrayDeque<>(segments);
    this.commits = commits;
    this.recovered = recovered;
    this.scan = new RecoveryScan(disk);
    this.transactions = new TransactionRecords(disk);
  }

  @Override
  public long run(long nowNanos) {
    if (done) {
      return UNTIL_WOKEN;
    }
    var segment = segments.poll();
    if (segment != null) {
      read(segment);
      return done ? UNTIL_WOKEN : 0;
    }
    if (!scanned) {
      endScan();
      scanned = true;
    }
    return handOver();
  }

  private void read(Segment segment) {
    try (var file = disk.openWrite(segment.path)) {
      segment.header.heal(file);
      // After a kill, octets that were never forced are read from memory like all others. Before
      // anything is concluded from them they must be there for good: a final outcome that a later
      // power cut takes back would revive its message long after.
      file.force();
    } catch (DiskFailure failure) {
      done = true;
      commits.accept(new Request.Failed(failure.getMessage()));
      return;
    }
    scan.scan(segment);
  }

  private void endScan() {
    for (var finding : scan.findings()) {
      quarantine.keep(finding);
    }
    scan.unreadable().forEach(line -> log.error("A segment of the spool is left alone: " + line));
    living.addAll(scan.living(found -> quarantine.keep(found.residence, scan.wasForced(found))));
    commits.accept(new Request.Adopt(scan.accounts()));
  }

  private long handOver() {
    fill();
    if (batch.isEmpty()) {
      done = true;
      transactions.close();
      recovered.onRecoveryDone(messages);
      return UNTIL_WOKEN;
    }
    if (!recovered.onRecovered(List.copyOf(batch))) {
      return RETRY_NANOS;
    }
    messages += batch.size();
    batch.clear();
    return 0;
  }

  private void fill() {
    while (batch.size() < BATCH && !living.isEmpty()) {
      var found = living.remove();
      try {
        batch.addAll(transactions.stubs(found));
      } catch (DiskFailure failure) {
        log.error(
            "Transaction "
                + found.residence.id
                + " waits until the next start, since it cannot be read: "
                + failure.getMessage());
      }
    }
  }

  /** Gives back what was not handed over; after the worker has ended. */
  void close() {
    done = true;
    batch.clear();
    transactions.close();
  }
}
