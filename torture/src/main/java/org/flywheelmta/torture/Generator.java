package org.flywheelmta.torture;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.flywheelmta.clients.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Sends a {@link Load} over many kept-open connections and writes the {@link Ledger}. A mail is
 * offered once: what becomes of it is an {@link Outcome}, never a second try, so each id has one
 * fate. Any thread may ask and stop.
 */
final class Generator {
  /** What its sessions say in EHLO. */
  static final String NAME = "generator.torture.test";

  private final InetSocketAddress server;
  private final Load load;
  private final Ledger ledger;
  private final Composer composer;
  private final List<Thread> sessions = new ArrayList<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicLong permits = new AtomicLong();
  private final long startNanos = System.nanoTime();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder unknown = new LongAdder();
  private final LongAdder unsent = new LongAdder();
  private final LongAdder connections = new LongAdder();

  private Generator(InetSocketAddress server, Load load, Ledger ledger) {
    this.server = server;
    this.load = load;
    this.ledger = ledger;
    this.composer = Composer.fresh(load);
  }

  /** Starts sending. The ledger stays the caller's. */
  static Generator start(InetSocketAddress server, Load load, Ledger ledger) {
    var generator = new Generator(server, load, ledger);
    for (int i = 0; i < load.sessions(); i++) {
      var session = new GeneratorSession(generator, i);
      generator.sessions.add(
          Thread.ofPlatform()
              .name("generator-" + i)
              .daemon()
              .uncaughtExceptionHandler((thread, e) -> generator.failed(e))
              .start(session));
    }
    return generator;
  }

  /** Asks the sessions to end after the mail that they are sending. */
  void stop() {
    stopped.countDown();
  }

  /**
   * Waits until everything is sent, or until the generator was stopped and has ended.
   *
   * @return whether all sessions have ended
   * @throws IOException where the ledger failed, so that the run is worth nothing
   */
  boolean await(long timeout, TimeUnit unit) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + unit.toNanos(timeout);
    boolean ended = true;
    for (var session : sessions) {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (leftMillis > 0) {
        session.join(leftMillis);
      }
      ended &= !session.isAlive();
    }
    var cause = failure.get();
    if (cause != null) {
      throw new IOException("the generator failed: " + cause.getMessage(), cause);
    }
    return ended;
  }

  Counts counts() {
    return new Counts(
        acknowledged.sum(), refused.sum(), unknown.sum(), unsent.sum(), connections.sum());
  }

  /**
   * Mails by outcome so far, and connections opened.
   *
   * @param acknowledged mails whose acknowledgement is on the disk
   */
  record Counts(long acknowledged, long refused, long unknown, long unsent, long connections) {
    String line() {
      return "acknowledged %d  refused %d  unknown %d  unsent %d  connections %d"
          .formatted(acknowledged, refused, unknown, unsent, connections);
    }
  }

  InetSocketAddress server() {
    return server;
  }

  Load load() {
    return load;
  }

  Ledger ledger() {
    return ledger;
  }

  Composer composer() {
    return composer;
  }

  void connected() {
    connections.increment();
  }

  void count(Outcome outcome) {
    switch (outcome) {
      case Outcome.Acknowledged _ -> acknowledged.increment();
      case Outcome.Refused _ -> refused.increment();
      case Outcome.Unknown _ -> unknown.increment();
      case Outcome.Unsent _ -> unsent.increment();
    }
  }

  boolean isStopped() {
    return stopped.getCount() == 0 || elapsedNanos() >= load.limit().toNanos();
  }

  /** Takes the right to send one more mail, when its turn has come; false where none is left. */
  boolean permit() throws InterruptedException {
    if (isStopped()) {
      return false;
    }
    long mine = permits.getAndIncrement();
    if (mine >= load.messages()) {
      return false;
    }
    if (load.rate() > 0) {
      long dueNanos = (long) (mine / load.rate() * 1e9);
      pause(dueNanos - elapsedNanos());
    }
    return !isStopped();
  }

  /** Whether all mails have been taken up, so that an idle session may end. */
  boolean isExhausted() {
    return permits.get() >= load.messages();
  }

  /** Waits, but not past a stop or the time limit. */
  void pause(long nanos) throws InterruptedException {
    long leftNanos = load.limit().toNanos() - elapsedNanos();
    boolean _ = stopped.await(Math.min(nanos, leftNanos), TimeUnit.NANOSECONDS);
  }

  private long elapsedNanos() {
    return System.nanoTime() - startNanos;
  }

  void failed(Throwable cause) {
    failure.compareAndSet(null, cause);
    stop();
  }
}
