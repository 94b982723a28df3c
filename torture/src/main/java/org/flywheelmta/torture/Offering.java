package org.flywheelmta.torture;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.flywheelmta.clients.Greeted;
import org.flywheelmta.clients.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Offers mails to a server over kept-open connections, fast enough that it is the server which is
 * measured: mails share bodies, and their lines in the ledger are forced in groups.
 *
 * <p>In a closed loop each session sends its next mail after the reply to the last. In an open loop
 * mails arrive by the clock, whatever the server does: one whose time has come and that finds no
 * free session waits in a {@link WaitingRoom}, and its latency counts from its time. Either way
 * each id has one fate; only a refusal for the moment may be followed by another try.
 *
 * <p>Sessions are virtual threads, since they wait for nothing but sockets. One thread plans and
 * forces, in an open loop another one keeps the time. Any thread may ask and stop.
 */
public final class Offering {
  /** How many mails a closed loop has in stock for each session. */
  private static final int STOCK_PER_SESSION = 8;

  private static final int STOCK_MIN = 256;
  private static final long PLAN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long CLOCK_LONGEST_MICROS = 5_000;
  private static final long CLOCK_SHORTEST_MICROS = 200;

  private final InetSocketAddress server;
  private final Load load;
  private final Patience patience;
  private final Ledger ledger;
  private final Witness witness;
  private final LongSupplier clock;
  private final @Nullable Arrivals arrivals;
  private final WaitingRoom room;
  private final Planner planner;
  private final OfferingCounts counts = new OfferingCounts();
  private final Latencies waits = new Latencies();
  private final Latencies replies = new Latencies();
  private final Latencies refusals = new Latencies();
  private final Latencies lags = new Latencies();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();
  private final long beginMicros;
  private final long endMicros;

  private Offering(
      InetSocketAddress server,
      Load load,
      Patience patience,
      Ledger ledger,
      Witness witness,
      LongSupplier clock,
      @Nullable Arrivals arrivals) {
    this.server = server;
    this.load = load;
    this.patience = patience;
    this.ledger = ledger;
    this.witness = witness;
    this.clock = clock;
    this.arrivals = arrivals;
    this.room = new WaitingRoom(patience.waitingMax());
    this.beginMicros = clock.getAsLong() + Planner.LOOKAHEAD_MICROS;
    this.endMicros = beginMicros + load.limit().toNanos() / 1_000;
    boolean eightBit =
        Planner.offersEightBit(Greeted.connect(server, load.replyTimeout(), Generator.NAME));
    var composer = Composer.pooled(load, eightBit);
    this.planner = new Planner(composer, eightBit, ledger, room, counts);
  }

  /** Starts a closed loop, which ends when it is stopped. The ledger stays the caller's. */
  public static Offering closed(InetSocketAddress server, Load load, Ledger ledger) {
    int stock = Math.max(STOCK_MIN, load.sessions() * STOCK_PER_SESSION);
    var patience = new Patience(stock, 0, Duration.ZERO);
    return new Offering(server, load, patience, ledger, Witness.NOBODY, MicroClock::micros, null)
        .start();
  }

  /** Starts an open loop: {@link Load#rate} mails a second for {@link Load#limit}. */
  static Offering open(InetSocketAddress server, Load load, Patience patience, Ledger ledger) {
    return open(server, load, patience, ledger, MicroClock::micros);
  }

  /** Starts an open loop that is looked at. */
  public static Offering open(
      InetSocketAddress server, Load load, Patience patience, Ledger ledger, Witness witness) {
    var arrivals = new Arrivals(load.rate(), load.seed());
    return new Offering(server, load, patience, ledger, witness, MicroClock::micros, arrivals)
        .start();
  }

  /**
   * @param clock tells the microseconds that arrivals follow and latencies are measured in
   */
  static Offering open(
      InetSocketAddress server, Load load, Patience patience, Ledger ledger, LongSupplier clock) {
    var arrivals = new Arrivals(load.rate(), load.seed());
    return new Offering(server, load, patience, ledger, Witness.NOBODY, clock, arrivals).start();
  }

  private Offering start() {
    launch(Thread.ofPlatform().name("planner").daemon(), this::plan);
    if (arrivals != null) {
      launch(Thread.ofPlatform().name("clock").daemon(), this::keepTime);
    }
    for (int i = 0; i < load.sessions(); i++) {
      launch(Thread.ofVirtual().name("session-" + i), new LoadSession(this, i));
    }
    return this;
  }

  private void launch(Thread.Builder builder, Runnable work) {
    threads.add(builder.uncaughtExceptionHandler((thread, e) -> failed(e)).start(work));
  }

  private void plan() {
    try {
      if (arrivals == null) {
        while (!isStopped()) {
          planner.stock(patience.waitingMax() / 2);
        }
        return;
      }
      while (!isStopped() && !planner.plan(arrivals, beginMicros, endMicros, clock)) {
        pause(PLAN_PAUSE_NANOS);
      }
      while (!isStopped()) {
        ledger.force();
        pause(PLAN_PAUSE_NANOS);
      }
    } catch (IOException e) {
      failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void keepTime() {
    try {
      while (!isStopped()) {
        long now = clock.getAsLong();
        long next = room.release(now);
        if (now >= endMicros) {
          arrived.countDown();
        }
        pause(1_000 * Math.clamp(next - now, CLOCK_SHORTEST_MICROS, CLOCK_LONGEST_MICROS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until the last mail of an open loop has arrived, whatever became of it. */
  public boolean awaitArrivals(long timeout, TimeUnit unit)
      throws IOException, InterruptedException {
    boolean all = arrived.await(timeout, unit);
    check();
    return all;
  }

  /** Asks the sessions to end after the mail that they are sending. */
  public void stop() throws IOException {
    stopped.countDown();
    for (var arrival : room.close()) {
      counts.left.increment();
      ledger.endedWithNextForce(arrival.mail(), new Outcome.Unsent());
    }
  }

  /**
   * Waits, after a stop, until all threads have ended; then the ledger is on the disk.
   *
   * @return whether they have
   */
  public boolean await(long timeout, TimeUnit unit) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + unit.toNanos(timeout);
    boolean ended = true;
    for (var thread : threads) {
      long left = deadline - System.nanoTime();
      ended &= thread.join(Duration.ofNanos(Math.max(1, left)));
    }
    check();
    // What was admitted while it stopped was taken by nobody.
    stop();
    ledger.force();
    return ended;
  }

  /** Throws where the harness itself failed, so that the run is worth nothing. */
  public void check() throws IOException {
    var cause = failure.get();
    if (cause != null) {
      throw new IOException("the generator failed: " + cause.getMessage(), cause);
    }
  }

  /** What became of its mails so far. */
  public OfferingCounts counts() {
    return counts;
  }

  /** From the time of a mail to the moment when a session takes hold of it. */
  Latencies waits() {
    return waits;
  }

  /** From the time of a mail to its acknowledgement. */
  public Latencies replies() {
    return replies;
  }

  /** From the time of a mail to its last refusal. */
  Latencies refusalTimes() {
    return refusals;
  }

  /** How long a session was free before it got a mail whose time had come: the harness's fault. */
  public Latencies lags() {
    return lags;
  }

  Witness witness() {
    return witness;
  }

  WaitingRoom room() {
    return room;
  }

  InetSocketAddress server() {
    return server;
  }

  Load load() {
    return load;
  }

  boolean isStopped() {
    return stopped.getCount() == 0;
  }

  /** Waits, but not past a stop. */
  void pause(long nanos) throws InterruptedException {
    boolean _ = stopped.await(nanos, TimeUnit.NANOSECONDS);
  }

  /** A session takes hold of a mail, after it was free since {@code freeMicros}. */
  void taken(Arrival arrival, long freeMicros) {
    if (arrival.refusals() == 0) {
      counts.offered.increment();
      if (arrival.dueMicros() != 0) {
        long now = clock.getAsLong();
        waits.add(now - arrival.dueMicros());
        lags.add(now - Math.max(freeMicros, arrival.dueMicros()));
      }
    }
  }

  long micros() {
    return clock.getAsLong();
  }

  /** A session has heard what becomes of a mail. */
  void ended(Arrival arrival, Outcome outcome) throws IOException {
    long now = clock.getAsLong();
    if (outcome instanceof Outcome.Refused(int code, String text)) {
      counts.refusal(code, text);
      boolean again = code < 500 && arrival.refusals() < patience.retriesMax() && !isStopped();
      if (again) {
        counts.retried.increment();
        room.admit(List.of(arrival.again(now + patience.retryAfter().toNanos() / 1_000)));
        return;
      }
    }
    ledger.endedWithNextForce(arrival.mail(), outcome);
    counts.count(outcome);
    if (arrival.dueMicros() != 0) {
      if (outcome instanceof Outcome.Acknowledged) {
        replies.add(now - arrival.dueMicros());
      } else if (outcome instanceof Outcome.Refused) {
        refusals.add(now - arrival.dueMicros());
      }
    }
  }

  private void failed(Throwable cause) {
    failure.compareAndSet(null, cause);
    stopped.countDown();
    room.close();
    arrived.countDown();
  }
}
