package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.event.EventLog;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPlatform;
import org.flywheelmta.spool.EncodedEnvelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What it costs to keep a million messages waiting whose delivery fails, on one real scheduler: its
 * processor time for each attempt of a message, from one round of retries to the next, without disk
 * and network.
 */
@Tag("slow")
final class SchedulingCostTest {
  private static final int MESSAGES = 1_000_000;
  private static final int DOMAINS = 100_000;
  private static final int AT_DEAD_DOMAIN = 500_000;
  private static final int ROUNDS = 4;
  private static final Duration RETRY = Duration.ofSeconds(20);
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Outcome REFUSED =
      new Outcome.TransientFailure(
          new Reply("connect", 0, "4.4.1", "connection refused"), Scope.DOMAIN);

  private final ThreadPlatform platform =
      new ThreadPlatform(
          IoEngine.NIO,
          (where, fault) -> {
            throw new AssertionError("a fault on " + where, fault);
          });
  private final Scheduler scheduler = platform.schedulers("events", 1).getFirst();
  private final AtomicLong settled = new AtomicLong();
  private final Refusing method = new Refusing();
  private final CountingSpool spool =
      new CountingSpool(new EncodedEnvelope(List.of(message(0, 0))));
  private final Domains domains =
      new Domains(
          List.of(scheduler),
          new Neighbours(
              domain -> policy(),
              SchedulingCostTest::route,
              method,
              spool,
              new CountingEvents(settled),
              Bounces.NONE,
              (OperatorLog.Level level, String text) -> {},
              new MemoryBudget("memory_limit", 1),
              new MemoryBudget("queue_memory_limit", 1)),
          new Domains.Limits(100_000, 20_000, Duration.ofSeconds(30).toNanos(), Set.of()));

  private static DomainPolicy policy() {
    return new DomainPolicy(
        32,
        RETRY.toNanos(),
        RETRY.toNanos(),
        Duration.ofDays(7).toNanos(),
        Duration.ofMillis(10).toNanos(),
        0,
        100,
        false,
        false,
        null,
        10,
        RoutePolicy.USUAL);
  }

  /** Each domain has a host of its own. */
  private static void route(
      String name, int port, RoutePolicy policy, Scheduler asker, Consumer<Route> done) {
    int number = Integer.parseInt(name.substring(1, name.indexOf('.')));
    try {
      var octets = new byte[] {10, (byte) (number >>> 16), (byte) (number >>> 8), (byte) number};
      var address = new InetSocketAddress(InetAddress.getByAddress(octets), 25);
      done.accept(
          new Route.Hosts(List.of(new MxRecord(0, name, List.of(address))), Long.MAX_VALUE));
    } catch (UnknownHostException e) {
      throw Check.bug("an address of neither length");
    }
  }

  @AfterEach
  void stop() throws Exception {
    var stopped = new CountDownLatch(1);
    domains.stop(stopped::countDown);
    assertThat(stopped.await(1, TimeUnit.MINUTES)).isTrue();
    platform.close();
  }

  @Test
  void millionMessagesForManyDeadDomainsCostLittle() throws Exception {
    for (int i = 0; i < MESSAGES; i++) {
      enqueue(message(i, i % DOMAINS));
    }
    awaitSettled(MESSAGES);
    long before = cpuNanos();
    long settledBefore = settled.get();
    awaitSettled((long) ROUNDS * MESSAGES);
    double attempts = settled.get() - settledBefore;
    double micros = (cpuNanos() - before) / 1e3 / attempts;
    System.out.printf(
        "%,d messages for %,d domains, delivery failing: %.2f us of processor time for each attempt"
            + " of a message (%,.0f attempts, %,d connections refused)%n",
        MESSAGES, DOMAINS, micros, attempts, method.opened);
    assertThat(micros).isLessThan(10);
  }

  @Test
  void deadDomainDelaysNobodyElse() throws Exception {
    method.late = new long[MESSAGES];
    int others = 1_000;
    method.dueMicros = new long[others];
    spool.kept = (id, outcome) -> onKept(id.low() / 31 - AT_DEAD_DOMAIN, outcome.dueMicros());
    for (int i = 0; i < AT_DEAD_DOMAIN; i++) {
      enqueue(message(i, others));
      if (i % (AT_DEAD_DOMAIN / others) == 0) {
        int domain = i / (AT_DEAD_DOMAIN / others);
        enqueue(message(AT_DEAD_DOMAIN + i, domain));
      }
    }
    awaitSettled((long) ROUNDS * AT_DEAD_DOMAIN);
    var late = Arrays.copyOf(method.late, method.lates);
    Arrays.sort(late);
    System.out.printf(
        "beside %,d messages for one dead domain: %,d attempts for others, late by %,d us (median),"
            + " %,d us (99 %%), %,d us (most)%n",
        AT_DEAD_DOMAIN,
        late.length,
        late[late.length / 2],
        late[late.length * 99 / 100],
        late[late.length - 1]);
    assertThat(late.length).isGreaterThan(others);
    assertThat(late[late.length - 1]).isLessThan(1_000_000);
  }

  /** An attempt failed for the message of another domain; those of the dead one are below 0. */
  private void onKept(long number, long dueMicros) {
    if (number >= 0) {
      method.dueMicros[(int) number / (AT_DEAD_DOMAIN / method.dueMicros.length)] = dueMicros;
    }
  }

  private void enqueue(Message message) {
    while (domains.inHandover() > 50_000) {
      Thread.onSpinWait();
    }
    domains.enqueue(message);
  }

  private static Message message(int number, int domain) {
    long now = System.currentTimeMillis() * 1000;
    var transaction =
        new Transaction(
            TransactionId.of(now, number, 31L * number),
            now,
            Address.of("sender@example.net"),
            Fields.NONE,
            1,
            1_000,
            DomainStage.PLAIN);
    var to = Address.of("user" + number + "@d" + domain + ".example.com");
    return new Message(transaction, 0, to, Fields.NONE, Stage.COMMITTED, null);
  }

  /** Returns once so many outcomes were settled. */
  private void awaitSettled(long count) throws InterruptedException {
    var reached = new CountDownLatch(1);
    ((CountingEvents) domains.neighbours.events()).await(count, reached::countDown);
    assertThat(reached.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Processor time of the scheduler's thread so far. */
  private long cpuNanos() throws Exception {
    var id = new AtomicLong();
    var known = new CountDownLatch(1);
    scheduler.post(
        () -> {
          id.set(Thread.currentThread().threadId());
          known.countDown();
        });
    assertThat(known.await(1, TimeUnit.MINUTES)).isTrue();
    return ManagementFactory.getThreadMXBean().getThreadCpuTime(id.get());
  }

  /** Counts outcomes; everything on one scheduler. */
  private static final class CountingEvents implements EventLog {
    private final AtomicLong settled;
    private volatile long awaited = Long.MAX_VALUE;
    private volatile Runnable reached = () -> {};

    CountingEvents(AtomicLong settled) {
      this.settled = settled;
    }

    void await(long count, Runnable then) {
      reached = then;
      awaited = count;
    }

    @Override
    public boolean reserve(int slots) {
      return true;
    }

    @Override
    public void release(int slots) {
      // There is no end of them.
    }

    @Override
    public void publish(MailEvent event) {
      if (settled.incrementAndGet() >= awaited) {
        awaited = Long.MAX_VALUE;
        reached.run();
      }
    }

    @Override
    public void offer(MailEvent event) {
      publish(event);
    }

    @Override
    public Level level() {
      return Level.OPEN;
    }
  }

  /** Refuses each connection after a turn of the scheduler, and notes how late it was asked. */
  private static final class Refusing implements DeliveryMethod {
    long opened;
    long[] late = {};
    // When the one message of each other domain is due, once it was attempted.
    long[] dueMicros = {};
    int lates;

    @Override
    public DeliverySession open(Scheduler scheduler, DeliveryTarget target, DeliverySource source) {
      opened++;
      int domain = Integer.parseInt(target.host().substring(1, target.host().indexOf('.')));
      if (domain < dueMicros.length && dueMicros[domain] > 0 && lates < late.length) {
        late[lates++] = scheduler.wallMicros() - dueMicros[domain];
      }
      var session = new Refused();
      scheduler.post(() -> source.onClosed(session, REFUSED));
      return session;
    }
  }

  /** A session that never comes about. */
  private static final class Refused implements DeliverySession {
    @Override
    public boolean wake() {
      throw Check.bug("it is never ready");
    }

    @Override
    public boolean adopt(DeliveryTarget target, DeliverySource source) {
      return false;
    }

    @Override
    public void retire() {
      // It closes by itself.
    }

    @Override
    public void abort() {
      // It closes by itself.
    }

    @Override
    public long connectionId() {
      return 0;
    }
  }
}
