package org.flywheelmta.torture;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.clients.Progress;

/**
 * An open loop against a server: measures what it can carry where that is asked, then offers mails
 * by the clock, lets it deliver what it took, and tells how long everybody waited. For one thread.
 */
final class MixRun {
  private static final Duration POLL = Duration.ofMillis(200);

  /** Of the time of a measurement, the first half is for warming up. */
  private static final int WARM_UP_PART = 2;

  private final MixPlan plan;
  private final Load load;
  private final Relay relay;
  private final Ledger ledger;
  private final Sink sink;
  private final Latencies deliveries;
  private final Drain drain;
  private final Progress progress;
  private final MemoryPeak memory = new MemoryPeak();
  private final List<String> incidents = new ArrayList<>();

  MixRun(
      MixPlan plan,
      Load load,
      Relay relay,
      Ledger ledger,
      Sink sink,
      Latencies deliveries,
      Drain drain,
      Progress progress) {
    this.plan = plan;
    this.load = load;
    this.relay = relay;
    this.ledger = ledger;
    this.sink = sink;
    this.deliveries = deliveries;
    this.drain = drain;
    this.progress = progress;
  }

  /**
   * Runs, drains and prints.
   *
   * @return the incidents, none on a good run
   */
  List<String> run() throws IOException, InterruptedException {
    var server = RelayProcess.start(relay);
    boolean ended = false;
    try {
      if (server.awaitGreeting(plan.startLimit())) {
        ended = !measureAndOffer(server);
      } else {
        incidents.add(server.missing(plan.startLimit()));
      }
    } finally {
      if (ended) {
        incidents.add("the server ended by itself with exit code " + server.exitCode());
      }
      if (!server.stop(plan.stopLimit())) {
        incidents.add(
            "the server did not end within " + plan.stopLimit().toSeconds() + " s of SIGTERM");
      }
    }
    return List.copyOf(incidents);
  }

  /** False where the server ended by itself. */
  private boolean measureAndOffer(RelayProcess server) throws IOException, InterruptedException {
    double rate = load.rate();
    if (rate == 0) {
      double capacity = capacity(server);
      if (!server.isAlive()) {
        return false;
      }
      rate = capacity * plan.times();
      System.out.println(
          "offered from now on: %.1f times that, %.0f mails/s".formatted(plan.times(), rate));
      if (!(rate > 0)) {
        incidents.add("no capacity was measured, so there is no rate to offer");
        return true;
      }
    }
    var before = server.vitals();
    var harness = Vitals.own().cpu();
    var offering = Offering.open(relay.address(), load.withRate(rate), plan.patience(), ledger);
    boolean alive = offer(server, offering);
    offering.stop();
    if (!offering.await(load.replyTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
      incidents.add("a session still waits for a reply");
    }
    progress.say("the arrivals have ended; what was accepted is delivered");
    alive = alive && drain.await(server, plan.quiet(), () -> memory.sample(server.vitals()));
    if (alive) {
      var vitals = server.vitals();
      memory.sample(vitals);
      System.out.println(
          "processor time: server %s  harness %s"
              .formatted(
                  Vitals.seconds(vitals.cpu().minus(before.cpu())),
                  Vitals.seconds(Vitals.own().cpu().minus(harness))));
    }
    report(offering);
    return alive;
  }

  /** Mails per second that the server takes from sessions which never pause. */
  private double capacity(RelayProcess server) throws IOException, InterruptedException {
    var offering = Offering.closed(relay.address(), load, ledger);
    long warmUp = plan.measure().toNanos() / WARM_UP_PART;
    boolean alive = pause(server, Duration.ofNanos(warmUp), offering);
    long start = System.nanoTime();
    long acknowledged = offering.counts().acknowledged.sum();
    long delivered = sink.mails();
    alive = alive && pause(server, plan.measure().minusNanos(warmUp), offering);
    double seconds = (System.nanoTime() - start) / 1e9;
    double rate = (offering.counts().acknowledged.sum() - acknowledged) / seconds;
    double deliveredRate = (sink.mails() - delivered) / seconds;
    offering.stop();
    if (!offering.await(load.replyTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
      incidents.add("a session still waits for a reply");
    }
    System.out.println(
        "capacity, by a closed loop of %d sessions: acknowledged %.0f mails/s, delivered %.0f transactions/s; refusals:%s"
            .formatted(load.sessions(), rate, deliveredRate, offering.counts().refusalLine()));
    boolean _ = alive && drain.await(server, Duration.ZERO, () -> memory.sample(server.vitals()));
    return rate;
  }

  private boolean offer(RelayProcess server, Offering offering)
      throws IOException, InterruptedException {
    while (!offering.awaitArrivals(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
      if (!server.isAlive()) {
        return false;
      }
      look(server, offering);
    }
    return server.isAlive();
  }

  private boolean pause(RelayProcess server, Duration time, Offering offering)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      long left = Math.clamp(end - System.nanoTime(), 0, POLL.toNanos());
      if (server.awaitEnd(Duration.ofNanos(left))) {
        return false;
      }
      look(server, offering);
    }
    return true;
  }

  private void look(RelayProcess server, Offering offering) throws IOException {
    offering.check();
    sink.check();
    memory.sample(server.vitals());
    var counts = offering.counts();
    progress.show(
        () ->
            "arrived %d  offered %d  acknowledged %d  refused %d  not offered %d  delivered %d  server %s"
                .formatted(
                    counts.arrived.sum(),
                    counts.offered.sum(),
                    counts.acknowledged.sum(),
                    counts.refused.sum(),
                    counts.notOffered.sum(),
                    sink.mails(),
                    Vitals.megabytes(memory.lastBytes())));
  }

  private void report(Offering offering) {
    var counts = offering.counts();
    System.out.println(
        "arrived %d  offered %d  acknowledged %d  refused %d  unknown %d  unsent %d  offered again %d"
            .formatted(
                counts.arrived.sum(),
                counts.offered.sum(),
                counts.acknowledged.sum(),
                counts.refused.sum(),
                counts.unknown.sum(),
                counts.unsent.sum(),
                counts.retried.sum()));
    System.out.println(
        "not offered %d because %d mails waited already (--waiting-max); left waiting at the end %d; most that waited together %d"
            .formatted(
                counts.notOffered.sum(),
                plan.patience().waitingMax(),
                counts.left.sum(),
                offering.room().longest()));
    System.out.println("refusals:" + counts.refusalLine());
    System.out.println("made to wait for a session: " + offering.waits().line());
    System.out.println("acknowledged after:         " + offering.replies().line());
    System.out.println("refused after:              " + offering.refusalTimes().line());
    System.out.println("delivered after:            " + deliveries.line());
    System.out.println("the harness's own delay:    " + offering.lags().line());
    System.out.println(memory.line(plan.memoryBudgetBytes()));
    if (memory.isAbove(plan.memoryBudgetBytes())) {
      incidents.add(
          "the server held "
              + Vitals.megabytes(memory.peakBytes())
              + ", more than its budget of "
              + Vitals.megabytes(plan.memoryBudgetBytes()));
    }
  }
}
