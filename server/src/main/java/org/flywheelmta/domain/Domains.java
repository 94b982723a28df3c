package org.flywheelmta.domain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.domain.DomainTable.Arrival;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Stub;
import org.flywheelmta.message.Tag;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.spool.Recovered;

/**
 * The door of the domain floor: durable messages come in here, from any thread, and go to the
 * scheduler that owns their record.
 *
 * <p>A record's scheduler follows from a hash of its name over the delivery pool. Which record that
 * is, follows from the policy of the recipient's domain: its gateway's, or its own where it has no
 * gateway, is suspended or is a blackhole. The record of a gateway, or of one of {@code
 * hot_domains}, has a shard on each scheduler, chosen by the transaction's id, which those who take
 * mail in draw so that it stays on their own, {@link #home}.
 *
 * <p>How many messages are on their way to one scheduler is counted. Above {@code handover_limit}
 * this {@link Admission} is {@code REFUSING}: listeners stop taking mail. What is durable already
 * is taken all the same, so the most on the way to one scheduler are {@code handover_limit} and the
 * recipients of those transactions whose DATA was answered before: one for each session, and the
 * notifications that were under way ({@code bounces_in_progress} of each scheduler). What is here
 * already, recovered or in another record, fills half of the limit at most and then waits where it
 * is, so that it never has listeners refuse mail.
 */
@ConcurrentThreadSafe
public final class Domains implements Recovered, Admission {
  /**
   * The limits of the floor.
   *
   * @param handover {@code handover_limit}: messages on their way to one scheduler
   * @param connections {@code server_max_outbound_connections}: over all schedulers
   * @param drainNanos {@code drain_limit}: how long a stop waits for sessions
   * @param hotDomains {@code hot_domains}: domains whose records are spread over all schedulers; in
   *     lower case
   */
  public record Limits(int handover, int connections, long drainNanos, Set<String> hotDomains) {}

  final Neighbours neighbours;
  final DomainCounters counters = new DomainCounters();
  final Destinations destinations;
  final ConnectionLimit connections;
  final ShardedNames sharded;
  private final List<DomainTable> tables;

  /**
   * @param pool the schedulers that deliver, at least one
   */
  public Domains(List<Scheduler> pool, Neighbours neighbours, Limits limits) {
    Check.that(!pool.isEmpty(), "nothing delivers");
    this.neighbours = neighbours;
    this.destinations = new Destinations(neighbours.policies(), limits.hotDomains(), pool.size());
    this.connections =
        new ConnectionLimit(limits.connections(), ConnectionLimit.UNCOUNTED, this::callIdle);
    this.sharded = new ShardedNames(pool.size());
    var made = new ArrayList<DomainTable>();
    for (var scheduler : pool) {
      made.add(new DomainTable(scheduler, made.size(), this, limits));
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

  private void callIdle() {
    tables.forEach(table -> table.callBack.post());
  }

  /**
   * The id under which a transaction stays on the scheduler that takes it in, where its record has
   * a shard there: no hop, and buffers are freed where they were taken. From any thread.
   *
   * @param id drawn for the transaction; returned as it is when the scheduler does not deliver
   */
  public TransactionId home(TransactionId id, Scheduler scheduler) {
    int index = scheduler.index();
    boolean delivers = index < tables.size() && tables.get(index).scheduler == scheduler;
    return delivers ? id.withLot(index, tables.size()) : id;
  }

  /** Takes a message in stage committed; one reference to it passes. From any thread. */
  public void enqueue(Message message) {
    counters.enqueued.increment();
    var arrival = arrival(message);
    var table = target(arrival);
    table.handover.take(1);
    table.post(List.of(arrival));
  }

  /**
   * Takes the messages of a transaction in stage committed, with one post for each scheduler; one
   * reference to each passes. From any thread.
   */
  public void enqueue(List<Message> messages) {
    if (messages.size() == 1) {
      enqueue(messages.getFirst());
      return;
    }
    counters.enqueued.add(messages.size());
    split(messages.stream().map(this::arrival).toList())
        .forEach(
            (table, arrivals) -> {
              table.handover.take(arrivals.size());
              table.post(arrivals);
            });
  }

  @Override
  public boolean onRecovered(List<Stub> stubs) {
    var batches = List.copyOf(split(stubs.stream().map(this::arrival).toList()).entrySet());
    for (int i = 0; i < batches.size(); i++) {
      if (!batches.get(i).getKey().takeRoom(batches.get(i).getValue().size())) {
        for (var taken : batches.subList(0, i)) {
          taken.getKey().handover.release(taken.getValue().size());
        }
        return false;
      }
    }
    counters.recovered.add(stubs.size());
    // They are there already, so they are counted even above the maximum.
    neighbours.queueMemory().take((long) stubs.size() * Stub.ENTRY_BYTES);
    batches.forEach(batch -> batch.getKey().post(batch.getValue()));
    return true;
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

  private Arrival arrival(Message message) {
    long dueMicros = Math.max(message.dueMicros(), message.micros(Tag.NOT_BEFORE));
    // Read before the destination: one that changes in between is looked at again.
    int generation = destinations.generation();
    var destination = destinations.of(message.recipient().domain());
    var waiting = Waiting.of(message, destination.domain());
    waiting.generation = generation;
    return new Arrival(waiting, dueMicros, destination);
  }

  private Arrival arrival(Stub stub) {
    int generation = destinations.generation();
    var destination = destinations.of(stub.domain());
    var waiting = Waiting.of(stub, destination.domain());
    waiting.generation = generation;
    return new Arrival(waiting, stub.dueMicros(), destination);
  }

  private DomainTable target(Arrival arrival) {
    return target(arrival.destination(), arrival.waiting());
  }

  /** Whose record a message belongs to. */
  DomainTable target(Destination destination, Waiting waiting) {
    return tables.get(destination.target(waiting.idLow));
  }

  private Map<DomainTable, List<Arrival>> split(List<Arrival> arrivals) {
    var batches = new LinkedHashMap<DomainTable, List<Arrival>>();
    for (var arrival : arrivals) {
      batches.computeIfAbsent(target(arrival), _ -> new ArrayList<>()).add(arrival);
    }
    return batches;
  }

  /**
   * Follows a new configuration generation: policies are asked for again, suspended records resume,
   * and what waits goes where it should now. Called on one thread at a time.
   */
  public void onPolicyChange() {
    destinations.renew();
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
