package org.flywheelmta.sim;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.dns.Exchange;
import org.flywheelmta.dns.Question;
import org.flywheelmta.dns.Reply;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/**
 * The domain name system of a simulation: every server answers from one zone, after a time that
 * follows from the seed, unless the script says otherwise. It outlives the machines that ask it.
 */
@NonThreadSafe
public final class SimDns {
  private static final long LEAST_NANOS = 200_000;
  private static final long NANOS_BOUND = 20_000_000;

  private final Zone zone;
  private final SplittableRandom random;
  private final Map<String, Queue<Fault>> byName = new LinkedHashMap<>();
  private final Map<InetSocketAddress, Fault> byServer = new LinkedHashMap<>();
  private final List<Query> queries = new ArrayList<>();
  private Script script = (server, question) -> null;

  /** What was asked of whom. */
  public record Query(InetSocketAddress server, Question question) {}

  /** What goes wrong with a query. */
  public sealed interface Fault {
    /** The server answers with a code such as SERVFAIL. */
    record Code(String code) implements Fault {}

    /** It says nothing. */
    record Silent() implements Fault {}

    /** Its message cannot be read. */
    record Malformed() implements Fault {}

    /** Its answer comes so much later. */
    record Late(long nanos) implements Fault {}

    /** Its answer is truncated, and asked for again by TCP, which takes as long again. */
    record Truncated() implements Fault {}
  }

  /**
   * Servers that say what {@code zone} has at the time.
   *
   * @param seed from which the time follows that each answer takes
   */
  public SimDns(Zone zone, long seed) {
    this.zone = zone;
    this.random = new SplittableRandom(seed);
  }

  /** With an empty zone: no name exists. */
  public static SimDns withoutNames(long seed) {
    return new SimDns(new Zone("", 300, 300), seed);
  }

  public Zone zone() {
    return zone;
  }

  /** Lets the next queries for a name go wrong, one fault each, whatever server they go to. */
  public void fail(String name, Fault... inTurn) {
    byName.computeIfAbsent(name, _ -> new ArrayDeque<>()).addAll(List.of(inTurn));
  }

  /** Lets every query to a server go wrong. */
  public void fail(InetSocketAddress server, Fault always) {
    byServer.put(server, always);
  }

  /** What goes wrong with queries, where nothing else was said of their names. */
  @FunctionalInterface
  public interface Script {
    /** Null where nothing does. */
    @Nullable Fault fault(InetSocketAddress server, Question question);
  }

  /** Lets queries go wrong as {@code next} says. */
  public void script(Script next) {
    script = next;
  }

  /** Mends a server. */
  public void mend(InetSocketAddress server) {
    byServer.remove(server);
  }

  /** What was asked so far. */
  public List<Query> queries() {
    return queries;
  }

  /** The exchange of a resolver. */
  public Exchange exchange(Scheduler home, long timeoutNanos) {
    return new SimExchange(home, timeoutNanos);
  }

  private Fault faultOf(InetSocketAddress server, Question question) {
    var turns = byName.get(question.name());
    var turn = turns == null ? null : turns.poll();
    if (turn != null) {
      return turn;
    }
    var scripted = script.fault(server, question);
    return scripted != null ? scripted : byServer.getOrDefault(server, new Fault.Late(0));
  }

  private final class SimExchange implements Exchange {
    private final Scheduler home;
    private final long timeoutNanos;
    private final LinkedHashSet<Waiting> underWay = new LinkedHashSet<>();
    private boolean closed;

    SimExchange(Scheduler home, long timeoutNanos) {
      home.check();
      this.home = home;
      this.timeoutNanos = timeoutNanos;
    }

    @Override
    public void query(InetSocketAddress server, Question question, Consumer<Reply> done) {
      home.check();
      if (closed) {
        return;
      }
      queries.add(new Query(server, question));
      long nanos = random.nextLong(LEAST_NANOS, NANOS_BOUND);
      switch (faultOf(server, question)) {
        case Fault.Code(var code) -> tell("the server answers " + code, nanos, done);
        case Fault.Malformed _ -> tell("the answer is malformed", nanos, done);
        case Fault.Silent _ -> later(new Reply.Silence(""), Long.MAX_VALUE, done);
        case Fault.Truncated _ -> later(zone.answer(question), 2 * nanos, done);
        case Fault.Late(var more) -> later(zone.answer(question), nanos + more, done);
      }
    }

    private void tell(String trouble, long nanos, Consumer<Reply> done) {
      later(new Reply.Trouble(trouble), nanos, done);
    }

    private void later(Reply reply, long nanos, Consumer<Reply> done) {
      boolean inTime = nanos < timeoutNanos;
      var silence = new Reply.Silence("the server did not answer in time");
      var waiting = new Waiting(inTime ? reply : silence, done);
      underWay.add(waiting);
      home.arm(waiting, inTime ? nanos : timeoutNanos);
    }

    @Override
    public void close() {
      home.check();
      closed = true;
      underWay.forEach(home::disarm);
      underWay.clear();
    }

    private final class Waiting extends TimedEvent {
      private final Reply reply;
      private final Consumer<Reply> done;

      Waiting(Reply reply, Consumer<Reply> done) {
        this.reply = reply;
        this.done = done;
      }

      @Override
      protected void fire(long nowNanos) {
        underWay.remove(this);
        done.accept(reply);
      }
    }
  }
}
