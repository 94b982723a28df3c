package org.flywheelmta.bench.micro;

import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.domain.Bounces;
import org.flywheelmta.domain.DomainPolicy;
import org.flywheelmta.domain.Domains;
import org.flywheelmta.domain.MxRecord;
import org.flywheelmta.domain.Neighbours;
import org.flywheelmta.domain.Route;
import org.flywheelmta.domain.RoutePolicy;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPlatform;
import org.jspecify.annotations.Nullable;

/** The domain floor on one scheduler, and one thread that waits for what it enqueues. */
final class QueueRig {
  private static final int HANDOVER = 100_000;
  private static final int CONNECTIONS = 20_000;
  private static final Duration DRAIN = Duration.ofSeconds(30);
  private static final long LIMIT_SECONDS = 60;
  private static final long MEMORY_OCTETS = 1L << 30;
  private static final int SMTP_PORT = 25;
  private static final int CONTENT_OCTETS = 24;
  private static final Content.Shape SHAPE = new Content.Shape(false, false, true);
  private static final Address SENDER = Address.of("sender@example.net");
  private static final DomainPolicy POLICY =
      new DomainPolicy(
          20,
          Duration.ofMinutes(20).toNanos(),
          Duration.ofHours(12).toNanos(),
          Duration.ofDays(7).toNanos(),
          Duration.ofMinutes(2).toNanos(),
          Duration.ofMillis(2).toNanos(),
          100,
          false,
          false,
          null,
          10,
          RoutePolicy.USUAL);

  private final AtomicReference<@Nullable String> fault = new AtomicReference<>();
  private final ThreadPlatform platform =
      new ThreadPlatform(IoEngine.NIO, (where, e) -> fault.set(where + ": " + e));
  private final Scheduler scheduler = platform.schedulers("events", 1).getFirst();
  private final OutcomesAlone spool = new OutcomesAlone();
  private final Content content =
      new Content(Unpooled.wrappedBuffer(new byte[CONTENT_OCTETS]), SHAPE, null, 0);
  private final Domains domains;
  private long number;

  QueueRig() {
    OperatorLog log = (level, text) -> {};
    var neighbours =
        new Neighbours(
            domain -> POLICY,
            QueueRig::route,
            (on, target, source) -> new InstantSession(on, source),
            spool,
            new BoundlessEvents(),
            Bounces.NONE,
            log,
            new MemoryBudget("memory_limit", MEMORY_OCTETS),
            new MemoryBudget("queue_memory_limit", MEMORY_OCTETS));
    var limits = new Domains.Limits(HANDOVER, CONNECTIONS, DRAIN.toNanos(), Set.of());
    domains = new Domains(List.of(scheduler), neighbours, limits);
  }

  /** Every domain has the same host, which nobody calls. */
  private static void route(
      String name, int port, RoutePolicy policy, Scheduler asker, Consumer<Route> done) {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), SMTP_PORT);
    done.accept(new Route.Hosts(List.of(new MxRecord(0, name, List.of(address))), Long.MAX_VALUE));
  }

  /** Enqueues so many messages and waits until all of them are settled. */
  void deliver(int messages, int domainCount) throws InterruptedException {
    var settled = new CountDownLatch(messages);
    spool.await(settled);
    long now = platform.clock().wallMicros();
    for (int i = 0; i < messages; i++) {
      domains.enqueue(message(now, i % domainCount));
    }
    boolean all = settled.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    var wrong = fault.get();
    if (wrong != null || !all) {
      throw new IllegalStateException(
          wrong == null ? settled.getCount() + " messages were not settled" : wrong);
    }
  }

  private Message message(long now, int domain) {
    number++;
    var transaction =
        new Transaction(
            TransactionId.of(now, number, 31 * number),
            now,
            SENDER,
            Fields.NONE,
            1,
            CONTENT_OCTETS,
            SHAPE);
    var to = Address.of("user@d" + domain + ".example.com");
    return new Message(transaction, 0, to, Fields.NONE, Message.Stage.COMMITTED, content.retain());
  }

  /** Ends the floor and its scheduler; nothing may be left. */
  void stop() throws InterruptedException {
    var stopped = new CountDownLatch(1);
    domains.stop(stopped::countDown);
    boolean inTime = stopped.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    platform.close();
    content.release();
    if (!inTime || content.refCnt() != 0) {
      throw new IllegalStateException("the domain floor did not stop, or kept content");
    }
  }
}
