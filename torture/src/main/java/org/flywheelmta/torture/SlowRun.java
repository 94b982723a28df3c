package org.flywheelmta.torture;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.clients.Progress;
import org.jspecify.annotations.Nullable;

/**
 * Rounds of honest sessions, alone and beside a {@link Crowd} in turns, each from an empty queue.
 * For one thread.
 */
final class SlowRun {
  private static final Duration POLL = Duration.ofMillis(200);

  /** The first part of a round, in which sessions connect and queues fill, is not measured. */
  private static final Duration RUN_UP = Duration.ofSeconds(1);

  private final SlowPlan plan;
  private final Load load;
  private final Relay relay;
  private final Ledger ledger;
  private final Sink sink;
  private final Drain drain;
  private final Progress progress;
  private final List<String> incidents = new ArrayList<>();

  /** The server ended by itself, so that there is nothing more to measure. */
  private static final class ServerEnded extends Exception {
    private static final long serialVersionUID = 1L;
  }

  SlowRun(
      SlowPlan plan,
      Load load,
      Relay relay,
      Ledger ledger,
      Sink sink,
      Drain drain,
      Progress progress) {
    this.plan = plan;
    this.load = load;
    this.relay = relay;
    this.ledger = ledger;
    this.sink = sink;
    this.drain = drain;
    this.progress = progress;
  }

  /**
   * Runs all rounds and the last drain; prints a line for each round.
   *
   * @return the incidents, none on a good run
   */
  List<String> run() throws IOException, InterruptedException {
    var server = RelayProcess.start(relay);
    try {
      if (!server.awaitGreeting(plan.startLimit())) {
        incidents.add(server.missing(plan.startLimit()));
      } else {
        rounds(server);
      }
    } catch (ServerEnded e) {
      incidents.add("the server ended by itself with exit code " + server.exitCode());
    } finally {
      if (!server.stop(plan.stopLimit())) {
        incidents.add(
            "the server did not end within " + plan.stopLimit().toSeconds() + " s of SIGTERM");
      }
    }
    return List.copyOf(incidents);
  }

  private void rounds(RelayProcess server) throws IOException, InterruptedException, ServerEnded {
    if (plan.warmUp().isPositive()) {
      progress.say("warm-up: " + measure(server, plan.warmUp(), null).line());
    }
    var alone = new ArrayList<SlowRound>();
    var beside = new ArrayList<SlowRound>();
    for (int round = 1; round <= plan.rounds(); round++) {
      alone.add(measure(server, plan.roundTime(), null));
      System.out.println("round " + round + " alone:  " + alone.getLast().line());
      try (var crowd = Crowd.gather(relay.address(), plan.idle(), plan.slow(), plan.octetEvery())) {
        gather(server, crowd);
        beside.add(measure(server, plan.roundTime(), crowd));
      }
      System.out.println("round " + round + " beside: " + beside.getLast().line());
      var census = beside.getLast().crowd();
      if (census != null) {
        census.gone().forEach((why, times) -> System.out.println("  " + times + " × " + why));
      }
    }
    pause(server, plan.quiet());
    var verdict = new SlowVerdict(alone, beside, plan.leastRatio());
    verdict.lines().forEach(System.out::println);
    incidents.addAll(verdict.incidents());
  }

  private void gather(RelayProcess server, Crowd crowd)
      throws IOException, InterruptedException, ServerEnded {
    long start = System.nanoTime();
    while (!crowd.await(POLL)) {
      progress.show(() -> "the crowd gathers; " + crowd.census().line());
      pause(server, Duration.ZERO);
      if (System.nanoTime() - start > plan.startLimit().toNanos()) {
        incidents.add("the crowd did not gather within " + plan.startLimit().toSeconds() + " s");
        return;
      }
    }
  }

  private SlowRound measure(RelayProcess server, Duration time, @Nullable Crowd crowd)
      throws IOException, InterruptedException, ServerEnded {
    var offering = Offering.closed(relay.address(), load, ledger);
    SlowRound round;
    try (var greeter = Greeter.start(relay.address())) {
      pause(server, RUN_UP);
      round = window(server, time, crowd, offering, greeter);
    } finally {
      offering.stop();
    }
    if (!offering.await(load.replyTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
      incidents.add("a session still waits for a reply");
    }
    var counts = offering.counts();
    long others = counts.refused.sum() + counts.unknown.sum() + counts.unsent.sum();
    long left = counts.left.sum();
    if (others > 0) {
      progress.say(
          "refused %d  unknown %d  unsent %d (in stock %d):%s"
              .formatted(
                  counts.refused.sum(),
                  counts.unknown.sum(),
                  counts.unsent.sum(),
                  left,
                  counts.refusalLine()));
    }
    if (!drain.await(server, Duration.ZERO, () -> {})) {
      throw new ServerEnded();
    }
    return round;
  }

  private SlowRound window(
      RelayProcess server, Duration time, @Nullable Crowd crowd, Offering offering, Greeter greeter)
      throws IOException, InterruptedException, ServerEnded {
    long start = System.nanoTime();
    long acknowledged = offering.counts().acknowledged.sum();
    long delivered = sink.mails();
    var before = server.vitals();
    var harness = Vitals.own().cpu();
    var crowdBefore = crowd == null ? Duration.ZERO : crowd.cpu();
    pause(server, time);
    double seconds = (System.nanoTime() - start) / 1e9;
    double acknowledgedRate = (offering.counts().acknowledged.sum() - acknowledged) / seconds;
    double deliveredRate = (sink.mails() - delivered) / seconds;
    var after = server.vitals();
    var harnessAfter = Vitals.own().cpu();
    var crowdAfter = crowd == null ? Duration.ZERO : crowd.cpu();
    greeter.close();
    offering.check();
    return new SlowRound(
        acknowledgedRate,
        deliveredRate,
        greeter.times(),
        greeter.failures(),
        new Vitals(after.residentBytes(), after.peakBytes(), after.cpu().minus(before.cpu())),
        harnessAfter.minus(harness),
        crowd == null ? null : crowd.fullCensus(),
        crowdAfter.minus(crowdBefore));
  }

  /** Waits while the server lives. */
  private void pause(RelayProcess server, Duration time) throws InterruptedException, ServerEnded {
    long end = System.nanoTime() + time.toNanos();
    do {
      long left = Math.clamp(end - System.nanoTime(), 0, POLL.toNanos());
      if (server.awaitEnd(Duration.ofNanos(left))) {
        throw new ServerEnded();
      }
      progress.show(() -> "delivered %d".formatted(sink.mails()));
    } while (System.nanoTime() - end < 0);
  }
}
