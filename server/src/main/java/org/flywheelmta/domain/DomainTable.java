package org.flywheelmta.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/** The domain records of one scheduler. */
@NonThreadSafe(checked = true)
final class DomainTable {
  /** How many records one pass visits when all of them are to be told something. */
  private static final int RECORDS_PER_PASS = 1000;

  /**
   * A message on its way to its record.
   *
   * @param recipientPolicy the policy of the recipient's domain
   * @param generation under which the record was chosen
   */
  record Arrival(Message message, RoutingName name, DomainPolicy recipientPolicy, int generation) {}

  final Scheduler scheduler;
  final Domains domains;
  final Neighbours neighbours;
  final DomainCounters counters;
  final PolicyCache policies;
  final ConnectionBudget budget;
  final Ledger ledger;
  final QueueTotals totals = new QueueTotals();
  // Messages that were posted here and have not arrived; taken by those who post.
  final Limit handover;
  private final Map<RoutingName, DomainRecord> records = new LinkedHashMap<>();
  private final ClockWatch clockWatch;
  private final long drainNanos;
  private final TimedEvent drainLimit = TimedEvent.of(now -> onDrainLimit());
  private final ArrayList<DomainRecord> touched = new ArrayList<>();
  private int sessions;
  private @Nullable Runnable onStopped;
  private boolean stopping;

  DomainTable(Scheduler scheduler, Domains domains, Domains.Limits limits) {
    this.scheduler = scheduler;
    this.domains = domains;
    this.neighbours = domains.neighbours;
    this.counters = domains.counters;
    this.policies = domains.policies;
    this.budget = domains.budget;
    this.ledger = new Ledger(scheduler, neighbours, counters);
    this.handover = new Limit("handover_limit", limits.handover());
    this.drainNanos = limits.drainNanos();
    this.clockWatch = new ClockWatch(scheduler, this::hasWaiting, this::onClockStep);
  }

  boolean stopping() {
    return stopping;
  }

  /** Takes what was handed over; siblings come together, so records act once all are in. */
  void arrive(List<Arrival> arrivals) {
    scheduler.check();
    handover.release(arrivals.size());
    for (var arrival : arrivals) {
      if (stopping) {
        arrival.message.release();
        continue;
      }
      var record = record(arrival.name);
      if (record.accept(arrival.message, arrival.recipientPolicy, arrival.generation)) {
        touched.add(record);
      }
    }
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
    var record = new DomainRecord(this, name, policies.of(name.host()));
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
    record.close();
  }

  /** Lets every record follow a new configuration generation. */
  void onPolicyChange() {
    visit(record -> record.onPolicy(policies.of(record.name.host())));
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

  /** The records that there are, for whoever looks while nothing runs. */
  Collection<DomainRecord> records() {
    return Collections.unmodifiableCollection(records.values());
  }

  /** Visits each message in the one place where it is. */
  void forEach(Consumer<Waiting> visitor) {
    scheduler.check();
    records.values().forEach(record -> record.forEach(visitor));
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
    records.values().forEach(DomainRecord::retireSessions);
    scheduler.arm(drainLimit, drainNanos);
    finishStop();
  }

  private void onDrainLimit() {
    neighbours
        .operator()
        .warning("aborting what is not over after drain_limit: " + sessions(sessions));
    records.values().forEach(DomainRecord::abortSessions);
  }

  private static String sessions(int count) {
    return count == 1 ? "1 delivery session" : count + " delivery sessions";
  }

  private void finishStop() {
    var done = onStopped;
    if (stopping && sessions == 0 && done != null) {
      onStopped = null;
      scheduler.disarm(drainLimit);
      // Not from within a record that is in the middle of something.
      scheduler.post(
          () -> {
            records.values().forEach(DomainRecord::close);
            records.clear();
            done.run();
          });
    }
  }
}
