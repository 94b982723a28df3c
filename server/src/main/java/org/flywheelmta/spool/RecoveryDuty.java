package org.flywheelmta.spool;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.message.Stub;
import org.flywheelmta.scheduler.Duty;

/**
 * Brings back what an earlier start left, while the server takes new mail already: reads what is
 * known of the old segments, one in each pass, gives the accounts to the commit thread, and only
 * then hands over what waits, so that an outcome or a read of theirs finds them known. In the end
 * it verifies, slowly, what it believed without reading it.
 */
@SingleThreadSafe
final class RecoveryDuty implements Duty {
  /** Stubs that are handed over at once. */
  static final int BATCH = 100;

  private static final long FULL_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  // How soon it looks again whether the other volumes are as far, if none of them wakes it.
  private static final long MEETING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private enum Phase {
    LEARN,
    APPLY,
    /** All volumes say what they hold of each other's transactions. */
    TELL,
    /** And of what the others hold each takes what it needs. */
    TAKE,
    LIST,
    HAND_OVER,
    VERIFY,
    DONE
  }

  private final Disk disk;
  private final OperatorLog log;
  private final Quarantine quarantine;
  private final Consumer<Request> commits;
  private final BooleanSupplier sealed;
  private final Recovered recovered;
  private final Volumes volumes;
  private final List<Segment> segments;
  private final RecoveryScan scan;
  private final WaitingList waiting = new WaitingList();
  private final HandOver handOver;
  private final Verification verification;
  private final SpoolStatistics statistics;
  private List<ForeignOutcome> taken = List.of();
  private List<Stub> batch = List.of();
  private Phase phase = Phase.LEARN;
  private int next;
  private long messages;

  /**
   * @param sealed whether the volume has failed, and is forced no more
   */
  RecoveryDuty(
      Disk disk,
      OperatorLog log,
      Quarantine quarantine,
      List<Segment> segments,
      RecoveryScan scan,
      Verification verification,
      SpoolStatistics statistics,
      Consumer<Request> commits,
      BooleanSupplier sealed,
      Recovered recovered,
      Volumes volumes) {
    this.disk = disk;
    this.log = log;
    this.quarantine = quarantine;
    this.segments = List.copyOf(segments);
    this.commits = commits;
    this.sealed = sealed;
    this.recovered = recovered;
    this.volumes = volumes;
    this.scan = scan;
    this.handOver = new HandOver(scan, waiting, log);
    this.verification = verification;
    this.statistics = statistics;
    statistics.recoverySegments(segments.size());
  }

  @Override
  public long run(long nowNanos) {
    if (phase == Phase.LEARN && sealed.getAsBoolean()) {
      // It would force what it reads; and nothing is delivered before a restart.
      close();
    }
    try {
      return switch (phase) {
        case LEARN, APPLY, LIST -> step();
        case TELL -> volumes.haveAllLearned() ? take() : MEETING_NANOS;
        case TAKE -> volumes.haveAllTaken() ? hold() : MEETING_NANOS;
        case HAND_OVER -> handOver();
        case VERIFY -> verification.step(nowNanos);
        case DONE -> UNTIL_WOKEN;
      };
    } catch (DiskFailure failure) {
      if (failure.kind() == DiskFailure.Kind.FULL && phase == Phase.LEARN) {
        // A header that is to be written again finds no room: it may later.
        next--;
        return FULL_RETRY_NANOS;
      }
      fail(failure);
      return UNTIL_WOKEN;
    }
  }

  private long step() throws DiskFailure {
    if (next < segments.size()) {
      var segment = segments.get(next++);
      switch (phase) {
        case LEARN -> learn(segment);
        case APPLY -> scan.apply(segment);
        default -> scan.listWaiting(segment, waiting);
      }
      return 0;
    }
    next = 0;
    switch (phase) {
      case LEARN -> {
        scan.join();
        phase = Phase.APPLY;
      }
      case APPLY -> {
        scan.settle();
        setAside();
        volumes.learned(scan.foreign().outcomes());
        phase = Phase.TELL;
      }
      default -> {
        // From here on the accounts are the commit thread's.
        commits.accept(new Request.Adopt(scan.accounts(), scan.keys().keys()));
        // What other volumes kept for this one becomes its own.
        for (var outcome : taken) {
          var key = outcome.key();
          commits.accept(new Request.Outcome(key.id(), key.recipient(), outcome.state()));
        }
        taken = List.of();
        phase = Phase.HAND_OVER;
      }
    }
    return 0;
  }

  private long take() {
    var found = volumes.found();
    found.stream().filter(scan.foreign()::isHome).forEach(volumes::foundHome);
    taken = scan.foreign().take(found);
    taken.forEach(volumes::owe);
    volumes.taken();
    phase = Phase.TAKE;
    return 0;
  }

  private long hold() {
    scan.hold(volumes);
    volumes.held();
    phase = Phase.LIST;
    return 0;
  }

  private void learn(Segment segment) throws DiskFailure {
    try (var file = disk.openWrite(segment.path)) {
      segment.header.heal(file);
      // After a kill, octets that were never forced are read from memory like all others. Before
      // anything is concluded from them they must be there for good: a final outcome that a later
      // power cut takes back would revive its message long after.
      FinalForce.of(file, segment.path);
    }
    scan.learn(segment);
    statistics.recoveryRead();
  }

  private void setAside() {
    for (var finding : scan.findings()) {
      quarantine.keep(finding);
    }
    scan.unreadable().forEach(line -> log.error("A segment of the spool is left alone: " + line));
    scan.takeIncomplete().forEach(quarantine::keep);
  }

  private long handOver() {
    if (batch.isEmpty()) {
      batch = handOver.next(BATCH);
    }
    if (batch.isEmpty()) {
      endHandOver();
      return phase == Phase.VERIFY ? 0 : UNTIL_WOKEN;
    }
    if (!recovered.onRecovered(batch)) {
      return RETRY_NANOS;
    }
    messages += batch.size();
    statistics.recoveryHandedOver(batch.size());
    batch = List.of();
    return 0;
  }

  private void endHandOver() {
    handOver.close();
    scan.close();
    commits.accept(new Request.HandedOver());
    verification.begin(scan.checkpointed());
    phase = Phase.VERIFY;
    statistics.recoveryDone();
    recovered.onRecoveryDone(messages);
  }

  private void fail(DiskFailure failure) {
    if (phase == Phase.VERIFY) {
      log.error("The spool is not verified any further: " + failure.getMessage());
    } else {
      commits.accept(new Request.Failed(failure.getMessage()));
    }
    close();
  }

  /** Gives back what it holds; after the worker has ended. */
  void close() {
    if (phase != Phase.DONE) {
      if (phase.compareTo(Phase.TAKE) < 0) {
        volumes.leave(phase == Phase.TELL, false);
      }
      phase = Phase.DONE;
      handOver.close();
      scan.close();
      verification.close();
    }
  }
}
