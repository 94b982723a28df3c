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
 * A server between a generator and a sink of this process: a closed loop shows what it carries, and
 * then mails arrive by the clock, at shares of that. For one thread.
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
  private final Peer.Relay relay;
  private final RawForce force;
  private final InetSocketAddress address;
  private long acknowledged;

  /** Of the stage; read by the sessions of the sink. */
  private volatile MailStore store = MailStore.none();

  private LatencyRun(LatencyPlan plan, Site site, FlywheelPeer peer)
      throws IOException, InterruptedException {
    this.plan = plan;
    var loopback = InetAddress.getLoopbackAddress();
    sink =
        Receiver.start(
            new InetSocketAddress(loopback, 0),
            Script.ordinary(),
            (sender, recipients) -> store.begin(sender, recipients));
    relay = peer.start(site, sink.address().getPort(), true);
    address = new InetSocketAddress(loopback, relay.port());
    force = RawForce.open(site.folder(peer.name()).resolve("force"), plan.size());
  }

  /** Starts the server, which the site ends. */
  static LatencyRun start(LatencyPlan plan, Site site, FlywheelPeer peer)
      throws IOException, InterruptedException {
    return new LatencyRun(plan, site, peer);
  }

  /** What it carries after the warm-up. */
  Capacity capacity() throws IOException, InterruptedException {
    var load = plan.load();
    var offering = Offering.closed(address, load, ledger);
    var counts = offering.counts();
    await("warm-up", offering, () -> counts.acknowledgedMails() >= plan.warmUp());
    long start = System.nanoTime();
    long end = start + plan.stageTime().toNanos();
    long taken = counts.acknowledgedMails();
    long arrived = sink.counts().mails();
    await("capacity", offering, () -> System.nanoTime() >= end);
    double seconds = (System.nanoTime() - start) / NANO;
    double takenRate = (counts.acknowledgedMails() - taken) / seconds;
    double arrivedRate = (sink.counts().mails() - arrived) / seconds;
    stop(offering);
    long missing = drain();
    if (missing > 0) {
      throw new IOException(missing + " mails of the warm-up did not arrive");
    }
    return new Capacity(load.sessions(), takenRate, arrivedRate);
  }

  /** All stages of a plan, each one told of as soon as it is over. */
  List<LatencyStage> stages(Capacity capacity) throws IOException, InterruptedException {
    var stages = new ArrayList<LatencyStage>();
    for (double share : plan.shares()) {
      var stage = stage(share, capacity.share(share));
      progress.end();
      System.out.println();
      stage.lines(plan.size()).forEach(System.out::println);
      stages.add(stage);
    }
    return stages;
  }

  /** One stage, with its forces before and after. */
  private LatencyStage stage(double share, double rate) throws IOException, InterruptedException {
    var forces = new Latencies();
    force(rate, forces);
    var passage = new Passage();
    store = passage;
    var offering = Offering.open(address, plan.load().withRate(rate), PATIENCE, ledger, passage);
    var counts = offering.counts();
    var name = String.format(Locale.ROOT, "%.0f %%", share);
    while (!offering.awaitArrivals(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
      look(name, offering);
    }
    await(
        name,
        offering,
        () -> counts.acknowledgedMails() + counts.failedMails() >= counts.arrivedMails());
    stop(offering);
    long missing = drain();
    store = MailStore.none();
    force(rate, forces);
    return new LatencyStage(
        share,
        rate,
        counts.offeredMails() / (plan.stageTime().toNanos() / NANO),
        Percentiles.of(passage.acknowledged()),
        Percentiles.of(offering.replies()),
        Percentiles.of(passage.delivered()),
        Percentiles.of(offering.lags()),
        Percentiles.of(forces),
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
  private long drain() throws IOException, InterruptedException {
    long last = sink.counts().mails();
    long end = System.nanoTime() + STALL.toNanos();
    while (last < acknowledged && System.nanoTime() < end) {
      checkServer();
      Pause.of(LOOK);
      long now = sink.counts().mails();
      if (now > last) {
        end = System.nanoTime() + STALL.toNanos();
      }
      last = now;
    }
    return Math.max(0, acknowledged - last);
  }

  /** Looks until it is so, as long as anything goes on. */
  private void await(String name, Offering offering, BooleanSupplier over)
      throws IOException, InterruptedException {
    long last = -1;
    long end = 0;
    while (!over.getAsBoolean()) {
      look(name, offering);
      long now = offering.counts().acknowledgedMails();
      if (now > last) {
        last = now;
        end = System.nanoTime() + STALL.toNanos();
      } else if (System.nanoTime() > end) {
        throw relay.process().failure("took no mail for " + STALL.toSeconds() + " s");
      }
      Pause.of(LOOK);
    }
  }

  private void look(String name, Offering offering) throws IOException {
    offering.check();
    checkServer();
    progress.show(
        () ->
            name
                + "  acknowledged "
                + offering.counts().acknowledgedMails()
                + "  delivered in all "
                + sink.counts().mails());
  }

  private void checkServer() throws IOException {
    if (!relay.process().process().isAlive()) {
      throw relay.process().failure("ended by itself");
    }
  }

  @Override
  public void close() throws IOException {
    progress.end();
    force.close();
    sink.close();
  }
}
