package org.flywheelmta.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.domain.DomainTable.Arrival;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.spool.Recovered;

/**
 * The door of the domain floor: durable messages come in here, from any thread, and go to the
 * scheduler that owns their record.
 *
 * <p>A record's scheduler follows from a hash of its name over the delivery pool. Which record that
 * is, follows from the policy of the recipient's domain: its gateway's, or its own where it has no
 * gateway, is suspended or is a blackhole.
 *
 * <p>How many messages are on their way to one scheduler is counted. Above {@code handover_limit}
 * this {@link Admission} is {@code REFUSING}: listeners stop taking mail. What is durable already
 * is taken all the same.
 */
@ConcurrentThreadSafe
public final class Domains implements Recovered, Admission {
  /**
   * The limits of the floor.
   *
   * @param handover {@code handover_limit}: messages on their way to one scheduler
   * @param connections {@code server_max_outbound_connections}: over all schedulers
   * @param drainNanos {@code drain_limit}: how long a stop waits for sessions
   */
  public record Limits(int handover, int connections, long drainNanos) {}

  final Neighbours neighbours;
  final DomainCounters counters = new DomainCounters();
  final PolicyCache policies;
  final ConnectionBudget budget;
  private final List<DomainTable> tables;

  /**
   * @param pool the schedulers that deliver, at least one
   */
  public Domains(List<Scheduler> pool, Neighbours neighbours, Limits limits) {
    Check.that(!pool.isEmpty(), "nothing delivers");
    this.neighbours = neighbours;
    this.policies = new PolicyCache(neighbours.policies());
    this.budget =
        new ConnectionBudget(new Limit("server_max_outbound_connections", limits.connections()));
    var made = new ArrayList<DomainTable>();
    for (var scheduler : pool) {
      made.add(new DomainTable(scheduler, this, limits));
    }
    this.tables = List.copyOf(made);
    neighbours.memory().listen(this::onLevel);
  }

  /** Memory has become short: what waits leaves it. */
  private void onLevel(MemoryBudget.Level from, MemoryBudget.Level to) {
    if (to.compareTo(from) > 0 && to.atLeast(MemoryBudget.Level.SPILLING)) {
      tables.forEach(table -> table.scheduler.post(table.swapOut::ask));
    }
  }

  /** Takes a message in stage committed; one reference to it passes. From any thread. */
  public void enqueue(Message message) {
    counters.enqueued.increment();
    move(message);
  }

  /** Hands a message over that comes from a record where it does not belong any more. */
  void move(Message message) {
    var arrival = route(message);
    int target = arrival.name().spread(tables.size());
    tables.get(target).handover.take(1);
    post(target, List.of(arrival));
  }

  /**
   * Takes the messages of a transaction in stage committed, with one post for each scheduler; one
   * reference to each passes. From any thread.
   */
  public void enqueue(List<Message> messages) {
    counters.enqueued.add(messages.size());
    var batches = split(messages);
    for (int i = 0; i < batches.size(); i++) {
      tables.get(i).handover.take(batches.get(i).size());
    }
    postAll(batches);
  }

  @Override
  public boolean onRecovered(List<Message> messages) {
    var batches = split(messages);
    for (int i = 0; i < batches.size(); i++) {
      if (!takeRoom(tables.get(i).handover, batches.get(i).size())) {
        for (int taken = 0; taken < i; taken++) {
          tables.get(taken).handover.release(batches.get(taken).size());
        }
        return false;
      }
    }
    counters.recovered.add(messages.size());
    postAll(batches);
    return true;
  }

  /** More than fits at all goes through when nothing else is on its way. */
  private static boolean takeRoom(Limit handover, int count) {
    if (handover.tryTake(count)) {
      return true;
    }
    if (count > handover.maximum() && handover.taken() == 0) {
      handover.take(count);
      return true;
    }
    return false;
  }

  @Override
  public void onRecoveryDone(long messages) {
    if (messages > 0) {
      var what = messages == 1 ? "1 message that waits" : messages + " messages that wait";
      neighbours.operator().info("recovery handed over " + what);
    }
  }

  @Override
  public Level level() {
    for (var table : tables) {
      if (table.handover.taken() >= table.handover.maximum()) {
        return Level.REFUSING;
      }
    }
    return Level.OPEN;
  }

  private Arrival route(Message message) {
    // Read before the policy: one that changes in between is looked at again.
    int generation = policies.generation();
    var domain = message.recipient().domain();
    var policy = policies.of(domain);
    return new Arrival(message, RoutingName.of(domain, policy), policy, generation);
  }

  private List<List<Arrival>> split(List<Message> messages) {
    var batches = new ArrayList<List<Arrival>>(tables.size());
    for (int i = 0; i < tables.size(); i++) {
      batches.add(new ArrayList<>());
    }
    for (var message : messages) {
      var arrival = route(message);
      batches.get(arrival.name().spread(tables.size())).add(arrival);
    }
    return batches;
  }

  private void postAll(List<List<Arrival>> batches) {
    for (int i = 0; i < batches.size(); i++) {
      if (!batches.get(i).isEmpty()) {
        post(i, batches.get(i));
      }
    }
  }

  private void post(int target, List<Arrival> arrivals) {
    var table = tables.get(target);
    table.scheduler.post(() -> table.arrive(arrivals));
  }

  /**
   * Follows a new configuration generation: policies are asked for again, suspended records resume,
   * and what waits goes where it should now. Called on one thread at a time.
   */
  public void onPolicyChange() {
    policies.renew();
    for (var table : tables) {
      table.scheduler.post(table::onPolicyChange);
    }
  }

  /**
   * Ends deliveries: no session is opened, each closes after the batch that it has, and is aborted
   * when that takes longer than {@code drain_limit}. Then the floor lets go of all messages, which
   * the spool keeps. What comes in later is let go of at once.
   *
   * @param done called once, on the last scheduler that had a session
   */
  public void stop(Runnable done) {
    var left = new AtomicInteger(tables.size());
    for (var table : tables) {
      table.scheduler.post(
          () ->
              table.stop(
                  () -> {
                    if (left.decrementAndGet() == 0) {
                      done.run();
                    }
                  }));
    }
  }

  /** What each scheduler of the pool has, to be read at any time. */
  public List<QueueTotals> totals() {
    return tables.stream().map(table -> table.totals).toList();
  }

  /** Messages on their way to schedulers. */
  public long inHandover() {
    return tables.stream().mapToLong(table -> table.handover.taken()).sum();
  }

  public DomainCounters counters() {
    return counters;
  }

  List<DomainTable> tables() {
    return tables;
  }
}
