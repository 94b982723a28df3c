package org.flywheelmta.torture;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.clients.Progress;

/**
 * Starts the server, kills it at seeded moments while a generator sends, and starts it again; in
 * the end lets it deliver what it owes and stops it in peace. Whatever the server does against the
 * rules beside its mails becomes an incident. For one thread.
 */
final class Killer {
  private static final Duration POLL = Duration.ofMillis(250);

  private final Relay relay;
  private final KillPlan plan;
  private final Cut cut;
  private final KillRecord record;
  private final Generator generator;
  private final Sink sink;
  private final History history;
  private final Progress progress;
  private final SplittableRandom random;
  private final List<String> incidents = new ArrayList<>();

  Killer(
      Relay relay,
      KillPlan plan,
      Cut cut,
      KillRecord record,
      Generator generator,
      Sink sink,
      History history,
      Progress progress) {
    this.relay = relay;
    this.plan = plan;
    this.cut = cut;
    this.record = record;
    this.generator = generator;
    this.sink = sink;
    this.history = history;
    this.progress = progress;
    this.random = new SplittableRandom(plan.seed());
  }

  /**
   * Runs all cycles and the drain. The history is up to date when it returns.
   *
   * @return the incidents, none on a good run
   */
  List<String> run() throws IOException, InterruptedException {
    boolean alive = true;
    for (int cycle = 1; cycle <= plan.cycles() && alive; cycle++) {
      alive = cycle(cycle);
    }
    generator.stop();
    if (alive) {
      drain();
    }
    if (!generator.await(plan.startLimit().toMillis(), TimeUnit.MILLISECONDS)) {
      incidents.add("the generator still waits for a reply");
    }
    sink.conclude();
    history.finish();
    return List.copyOf(incidents);
  }

  private boolean cycle(int cycle) throws IOException, InterruptedException {
    boolean early = random.nextDouble() < plan.earlyShare();
    long delayNanos = random.nextLong(plan.shortest().toNanos(), plan.longest().toNanos() + 1);
    var server = RelayProcess.start(relay);
    if (!early && !server.awaitGreeting(plan.startLimit())) {
      return missing(server, "cycle " + cycle);
    }
    long killNanos = System.nanoTime() + delayNanos;
    while (killNanos - System.nanoTime() > 0) {
      long step = Math.min(killNanos - System.nanoTime(), POLL.toNanos());
      if (server.awaitEnd(Duration.ofNanos(Math.max(0, step)))) {
        return missing(server, "cycle " + cycle);
      }
      progress.show(
          () -> "cycle %d/%d  %s".formatted(cycle, plan.cycles(), generator.counts().line()));
    }
    record.add(cut.cut(server));
    sink.check();
    progress.say(
        "cycle %d/%d: killed %d ms after its %s; %s  delivered %d"
            .formatted(
                cycle,
                plan.cycles(),
                delayNanos / 1_000_000,
                early ? "start" : "greeting",
                generator.counts().line(),
                sink.mails()));
    return true;
  }

  /** The server ended, or never greeted: no further cycle makes sense. */
  private boolean missing(RelayProcess server, String when) throws InterruptedException {
    incidents.add(when + ": " + server.missing(plan.startLimit()));
    server.kill();
    return false;
  }

  private void drain() throws IOException, InterruptedException {
    var server = RelayProcess.start(relay);
    if (!server.awaitGreeting(plan.startLimit())) {
      missing(server, "drain");
      return;
    }
    var drain = new Drain(history, sink, progress, plan.drainLimit());
    if (!drain.await(server, plan.quiet(), () -> {})) {
      missing(server, "drain");
      return;
    }
    if (!server.stop(plan.stopLimit())) {
      incidents.add(
          "the server did not end within " + plan.stopLimit().toMillis() + " ms of SIGTERM");
    }
  }
}
