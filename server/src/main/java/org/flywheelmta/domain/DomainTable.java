package org.flywheelmta.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/** The domain records of one scheduler. */
@NonThreadSafe(checked = true)
final class DomainTable {
  /** How many records one pass visits when all of them are to be told something. */
  private static final int RECORDS_PER_PASS = 1000;

  /**
   * A message on its way to its record, which is nowhere else and belongs to whoever has it.
   *
   * @param dueMicros when it may be attempted, wall clock microseconds; 0 for at once
   */
  record Arrival(Waiting waiting, long dueMicros, Destination destination) {}

  final Scheduler scheduler;
  final Domains domains;
  final Neighbours neighbours;
  final DomainCounters counters;
  final Destinations destinations;
  final Ledger ledger;
  final HostTable hosts;

  /** Which of the pool's schedulers this is, from 0. */
  final int index;

  /** Has idle sessions end for those who wait for a connection of the server's limit. */
  final CallBack callBack;

  final QueueTotals totals = new QueueTotals();
  // Messages that were posted here and have not arrived; taken by those who post.
  final Limit handover;
  final SwapOut swapOut;
  final Bouncing bouncing;
  final EnvelopeReads reads;
  final MemoryBudget queueMemory;
  private final Map<RoutingName, DomainRecord> records = new LinkedHashMap<>();
  private final ClockWatch clockWatch;
  private final long drainNanos;
  private final TimedEvent drainLimit = TimedEvent.of(now -> onDrainLimit());
  private final ArrayList<DomainRecord> touched = new ArrayList<>();
  // Records that had a session idle since they were last asked for one.
  private final LinkedHashSet<DomainRecord> resting = new LinkedHashSet<>();
  private int sessions;
  private @Nullable Runnable onStopped;
  private boolean stopping;

  DomainTable(Scheduler scheduler, int index, Domains domains, Domains.Limits limits) {
    this.scheduler = scheduler;
    this.index = index;
    this.domains = domains;
    this.neighbours = domains.neighbours;
    this.counters = domains.counters;
    this.destinations = domains.destinations;
    this.callBack = new CallBack(scheduler, this::onCallBack);
    this.ledger = new Ledger(scheduler, neighbours, counters);
    this.hosts = new HostTable(scheduler);
    this.handover = new Limit("handover_limit", limits.handover());
    this.queueMemory = neighbours.queueMemory();
    this.swapOut = new SwapOut(this);
    this.reads = new EnvelopeReads(this);
    this.bouncing = new Bouncing(this);
    this.drainNanos = limits.drainNanos();
    this.clockWatch = new ClockWatch(scheduler, this::hasWaiting, this::onClockStep);
  }

  boolean stopping() {
    return stopping;
  }

  /**
   * Takes room for messages that can wait where they are; from any thread. More than fits at all
   * goes through when nothing else is on its way.
   */
  boolean takeRoom(int count) {
    long share = Math.max(1, handover.maximum() / 2);
    if (handover.taken() + count <= share) {
      return handover.tryTake(count);
    }
    if (count > share && handover.taken() == 0) {
      handover.take(count);
      return true;
    }
    return false;
  }

  /** Hands messages over for which room was taken; from any thread. */
  void post(List<Arrival> arrivals) {
    scheduler.post(() -> arrive(arrivals));
  }

  /** Takes what was handed over; siblings come together, so records act once all are in. */
  void arrive(List<Arrival> arrivals) {
    scheduler.check();
    for (var arrival : arrivals) {
      if (stopping) {
        arrival.waiting.release(queueMemory);
        continue;
      }
      var destination = arrival.destination;
      var record = record(destination.name());
      if (record.accept(arrival.waiting, arrival.dueMicros, destination.policy())) {
        touched.add(record);
      }
    }
    // Only now, so that whoever adds up from another thread misses none.
    handover.release(arrivals.size());
    for (var record : touched) {
      record.maintain();
    }
    touched.clear();
  }

  private DomainRecord record(RoutingName name) {
    var known = records.get(name);
    if (known != null) {
      return known;
    }
    var record = new DomainRecord(this, name, destinations.policy(name));
    records.put(name, record);
    return record;
  }

  /** A message begins to wait for a time of the wall clock. */
  void onWaiting() {
    clockWatch.start();
  }

  private boolean hasWaiting() {
    return totals.delayed() + totals.active() > 0;
  }

  void remove(DomainRecord record) {
    Check.that(records.remove(record.name, record), "a domain record is unknown to its table");
    resting.remove(record);
    record.close();
  }

  /** The records that there are now. */
  List<DomainRecord> records() {
    return List.copyOf(records.values());
  }

  boolean has(DomainRecord record) {
    return records.get(record.name) == record;
  }

  /** Lets every record follow a new configuration generation. */
  void onPolicyChange() {
    visit(record -> record.onPolicy(destinations.policy(record.name)));
  }

  private void onClockStep() {
    visit(DomainRecord::rearm);
  }

  /** Visits all records that there are now, in bounded passes. */
  private void visit(Consumer<DomainRecord> visitor) {
    scheduler.check();
    visitSome(new ArrayDeque<>(records.values()), visitor);
  }

  private void visitSome(ArrayDeque<DomainRecord> left, Consumer<DomainRecord> visitor) {
    for (int i = 0; i < RECORDS_PER_PASS; i++) {
      var record = left.poll();
      if (record == null) {
        return;
      }
      if (records.get(record.name) == record) {
        visitor.accept(record);
      }
    }
    scheduler.post(() -> visitSome(left, visitor));
  }

  /** A session of the record is idle, and may be asked for. */
  void onIdle(DomainRecord record) {
    resting.add(record);
  }

  private void onCallBack() {
    for (var records = resting.iterator(); records.hasNext(); ) {
      if (records.next().callIdle(domains.connections)) {
        return;
      }
      records.remove();
    }
  }

  /** Visits each message in the one place where it is. */
  void forEach(Consumer<Waiting> visitor) {
    forEachRecord(record -> record.forEach(visitor));
  }

  void forEachRecord(Consumer<DomainRecord> visitor) {
    scheduler.check();
    records.values().forEach(visitor);
  }

  void onSessionOpened() {
    sessions++;
    totals.sessions(1);
    counters.sessions.increment();
  }

  void onSessionClosed() {
    sessions--;
    totals.sessions(-1);
    finishStop();
  }

  /** Ends all sessions after the batch that they have; see {@link Domains#stop}. */
  void stop(Runnable done) {
    scheduler.check();
    Check.that(!stopping, "the domain floor is stopped twice");
    stopping = true;
    onStopped = done;
    clockWatch.stop();
    swapOut.stop();
    bouncing.stop();
    records.values().forEach(DomainRecord::stop);
    scheduler.arm(drainLimit, drainNanos);
    finishStop();
  }

  private void onDrainLimit() {
    neighbours
        .operator()
        .warning("aborting what is not over after drain_limit: " + sessions(sessions));
    records.values().forEach(DomainRecord::abortSessions);
  }

  /** A notification ended, and a stop may have waited for it. */
  void onBounced() {
    finishStop();
  }

  private static String sessions(int count) {
    return count == 1 ? "1 delivery session" : count + " delivery sessions";
  }

  private void finishStop() {
    var done = onStopped;
    if (stopping && sessions == 0 && !bouncing.isUnderWay() && done != null) {
      onStopped = null;
      scheduler.disarm(drainLimit);
      // Not from within a record that is in the middle of something.
      scheduler.post(
          () -> {
            records.values().forEach(DomainRecord::close);
            records.clear();
            resting.clear();
            done.run();
          });
    }
  }
}
