package org.flywheelmta.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.flywheelmta.clients.MailStore;
import org.flywheelmta.clients.Progress;
import org.flywheelmta.clients.Receiver;
import org.flywheelmta.clients.Script;
import org.flywheelmta.torture.Latencies;
import org.flywheelmta.torture.Ledger;
import org.flywheelmta.torture.Offering;
import org.flywheelmta.torture.Patience;

/**
 * Servers between a generator and a sink of this process: a closed loop shows what the first one
 * carries, and then mails arrive by the clock, at shares of that, at each of them in its turn. For
 * one thread.
 */
final class LatencyRun implements AutoCloseable {
  /** More arrivals than this do not wait for a session; the stage has failed by then. */
  private static final int WAITING_MOST = 20_000;

  private static final Patience PATIENCE = new Patience(WAITING_MOST, 0, Duration.ZERO);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration STALL = Duration.ofSeconds(30);
  private static final int FORCE_PART = 2;
  private static final double NANO = 1e9;

  private final LatencyPlan plan;
  private final Progress progress = Progress.onStandardError();
  private final Ledger ledger = Ledger.ofNothing();
  private final Receiver sink;
  private final List<Inlet> inlets = new ArrayList<>();
  private final RawForce force;
  private long acknowledged;

  /** Of the stage; read by the sessions of the sink. */
  private volatile MailStore store = MailStore.none();

  private LatencyRun(LatencyPlan plan, Site site, List<Peer> peers)
      throws IOException, InterruptedException {
    this.plan = plan;
    var loopback = InetAddress.getLoopbackAddress();
    sink =
        Receiver.start(
            new InetSocketAddress(loopback, 0),
            Script.ordinary(),
            (sender, recipients) -> store.begin(sender, recipients));
    force = RawForce.open(site.folder("force").resolve("blocks"), plan.size());
    for (var peer : peers) {
      var relay = peer.start(site, sink.address().getPort(), true);
      var address = new InetSocketAddress(loopback, relay.port());
      inlets.add(new Inlet(peer.name(), relay.process(), address));
    }
  }

  /** Starts the servers, which the site ends. */
  static LatencyRun start(LatencyPlan plan, Site site, List<Peer> peers)
      throws IOException, InterruptedException {
    return new LatencyRun(plan, site, peers);
  }

  /** Warms up all; what the first one carries then. */
  Capacity capacity() throws IOException, InterruptedException {
    for (var inlet : inlets.subList(1, inlets.size())) {
      stop(warmUp(inlet));
      checkDrained(inlet);
    }
    var first = inlets.getFirst();
    var offering = warmUp(first);
    var counts = offering.counts();
    long start = System.nanoTime();
    long end = start + plan.stageTime().toNanos();
    long taken = counts.acknowledgedMails();
    long arrived = sink.counts().mails();
    await("capacity", first, offering, () -> System.nanoTime() >= end);
    double seconds = (System.nanoTime() - start) / NANO;
    double takenRate = (counts.acknowledgedMails() - taken) / seconds;
    double arrivedRate = (sink.counts().mails() - arrived) / seconds;
    stop(offering);
    checkDrained(first);
    return new Capacity(plan.sessions(), takenRate, arrivedRate);
  }

  private void checkDrained(Inlet inlet) throws IOException, InterruptedException {
    long missing = drain(inlet);
    if (missing > 0) {
      throw new IOException(inlet.name() + ": " + missing + " mails of the warm-up did not arrive");
    }
  }

  /** A closed loop that has sent the mails of the warm-up and goes on. */
  private Offering warmUp(Inlet inlet) throws IOException, InterruptedException {
    var offering = Offering.closed(inlet.address(), plan.load(), ledger);
    var counts = offering.counts();
    await(
        inlet.name() + ", warm-up",
        inlet,
        offering,
        () -> counts.acknowledgedMails() >= plan.warmUp());
    return offering;
  }

  /** All stages of a plan, each one told of as soon as it is over. */
  List<LatencyStage> stages(Capacity capacity) throws IOException, InterruptedException {
    var stages = new ArrayList<LatencyStage>();
    for (double share : plan.shares()) {
      var stage = stage(share, capacity.share(share), stages.size() % 2 == 0);
      progress.end();
      System.out.println();
      stage.lines(plan.size()).forEach(System.out::println);
      stages.add(stage);
    }
    return stages;
  }

  /** One stage, with its forces before and after. */
  private LatencyStage stage(double share, double rate, boolean forwards)
      throws IOException, InterruptedException {
    var forces = new Latencies();
    force(rate, forces);
    var turns = new ArrayList<LatencyTurn>();
    for (var inlet : forwards ? inlets : inlets.reversed()) {
      turns.add(turn(inlet, share, rate));
    }
    force(rate, forces);
    return new LatencyStage(share, rate, List.copyOf(turns), Percentiles.of(forces));
  }

  private LatencyTurn turn(Inlet inlet, double share, double rate)
      throws IOException, InterruptedException {
    var passage = new Passage();
    store = passage;
    var load = plan.load().withRate(rate);
    var offering = Offering.open(inlet.address(), load, PATIENCE, ledger, passage);
    var counts = offering.counts();
    var name = String.format(Locale.ROOT, "%s, %.0f %%", inlet.name(), share);
    while (!offering.awaitArrivals(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
      look(name, inlet, offering);
    }
    await(
        name,
        inlet,
        offering,
        () -> counts.acknowledgedMails() + counts.failedMails() >= counts.arrivedMails());
    stop(offering);
    long missing = drain(inlet);
    store = MailStore.none();
    return new LatencyTurn(
        inlet.name(),
        counts.offeredMails() / (plan.stageTime().toNanos() / NANO),
        Percentiles.of(passage.acknowledged()),
        Percentiles.of(offering.replies()),
        Percentiles.of(passage.delivered()),
        Percentiles.of(offering.lags()),
        failure(counts.failedMails(), counts.refusalLine(), missing));
  }

  private static String failure(long failed, String refusals, long missing) {
    var what = new ArrayList<String>();
    if (failed > 0) {
      what.add(failed + " mails were not taken; refusals:" + refusals);
    }
    if (missing > 0) {
      what.add(missing + " mails did not arrive");
    }
    return String.join("; ", what);
  }

  private void force(double rate, Latencies into) throws IOException, InterruptedException {
    progress.say("forces of the disk, alone");
    force.run(rate, plan.stageTime().dividedBy(FORCE_PART), plan.seed(), into);
  }

  private void stop(Offering offering) throws IOException, InterruptedException {
    offering.stop();
    if (!offering.await(STALL.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException("a session still waits for a reply");
    }
    acknowledged += offering.counts().acknowledgedMails();
  }

  /** Waits until all that was acknowledged has arrived; how many mails have not. */
  private long drain(Inlet inlet) throws IOException, InterruptedException {
    long last = sink.counts().mails();
    long end = System.nanoTime() + STALL.toNanos();
    while (last < acknowledged && System.nanoTime() < end) {
      inlet.check();
      Pause.of(LOOK);
      long now = sink.counts().mails();
      if (now > last) {
        end = System.nanoTime() + STALL.toNanos();
      }
      last = now;
    }
    long missing = Math.max(0, acknowledged - last);
    // Told once, of the peer whose turn it was.
    acknowledged -= missing;
    return missing;
  }

  /** Looks until it is so, as long as anything goes on. */
  private void await(String name, Inlet inlet, Offering offering, BooleanSupplier over)
      throws IOException, InterruptedException {
    long last = -1;
    long end = 0;
    while (!over.getAsBoolean()) {
      look(name, inlet, offering);
      long now = offering.counts().acknowledgedMails();
      if (now > last) {
        last = now;
        end = System.nanoTime() + STALL.toNanos();
      } else if (System.nanoTime() > end) {
        throw inlet.process().failure("took no mail for " + STALL.toSeconds() + " s");
      }
      Pause.of(LOOK);
    }
  }

  private void look(String name, Inlet inlet, Offering offering) throws IOException {
    offering.check();
    inlet.check();
    progress.show(
        () ->
            name
                + "  acknowledged "
                + offering.counts().acknowledgedMails()
                + "  delivered in all "
                + sink.counts().mails());
  }

  @Override
  public void close() throws IOException {
    progress.end();
    force.close();
    sink.close();
  }

  /** Where a server that runs takes mail. */
  private record Inlet(String name, Child process, InetSocketAddress address) {
    void check() throws IOException {
      if (!process.process().isAlive()) {
        throw process.failure("ended by itself");
      }
    }
  }
}
