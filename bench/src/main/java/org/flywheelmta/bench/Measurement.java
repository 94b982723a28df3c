package org.flywheelmta.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** One run: a source sends to a peer, and the sink counts. For one thread. */
final class Measurement {
  private static final Duration LOOK = Duration.ofMillis(5);
  private static final long MEMORY_LOOK_NANOS = Duration.ofSeconds(2).toNanos();

  /** What comes later than this after the last mail belongs to no run. */
  private static final Duration SURPLUS = Duration.ofMillis(300);

  private static final Duration QUIET = Duration.ofSeconds(2);
  private static final int ERROR_OCTETS = 200;

  private final Site site;
  private final SmtpSink sink;
  private final Duration limit;
  private final long ticksPerSecond;

  Measurement(Site site, SmtpSink sink, Duration limit, long ticksPerSecond) {
    this.site = site;
    this.sink = sink;
    this.limit = limit;
    this.ticksPerSecond = ticksPerSecond;
  }

  RelayRun run(RelayCase relayCase, String name, Peer.Relay peer, int round, int messages)
      throws IOException, InterruptedException {
    var tree = new ProcessTree(peer.process().process().toHandle(), ticksPerSecond);
    long before = sink.count();
    long wanted = relayCase.delivers() ? messages : 0;
    var cpu = tree.cpu();
    long forced = Machine.forcedWrites();
    long start = System.nanoTime();
    var source = SmtpSource.start(site, relayCase, messages, peer.port());
    CompletableFuture<Long> end = source.process().onExit().thenApply(_ -> System.nanoTime());
    long arrived = 0;
    long memory = 0;
    long nextLook = 0;
    boolean over = false;
    while (!over) {
      long now = System.nanoTime();
      if (arrived == 0 && sink.count() - before >= wanted) {
        arrived = now;
      }
      boolean failed = end.isDone() && source.process().exitValue() != 0;
      over = failed || now - start > limit.toNanos() || (end.isDone() && arrived != 0);
      if (now >= nextLook) {
        memory = Math.max(memory, tree.memory());
        nextLook = now + MEMORY_LOOK_NANOS;
      }
      Pause.of(LOOK);
    }
    boolean accepted = end.isDone();
    site.end(source);
    Pause.of(SURPLUS);
    var error = error(source, accepted, peer, sink.count() - before - wanted);
    if (!error.isEmpty()) {
      awaitQuiet();
    }
    return new RelayRun(
        relayCase,
        name,
        round,
        messages,
        Duration.ofNanos(end.join() - start),
        Duration.ofNanos(relayCase.delivers() && arrived != 0 ? arrived - start : 0),
        tree.cpu().minus(cpu),
        Math.max(memory, tree.memory()),
        Machine.forcedWrites() - forced,
        error);
  }

  private static String error(Child source, boolean accepted, Peer.Relay peer, long surplus) {
    if (!peer.process().process().isAlive()) {
      return "the server ended";
    }
    if (accepted && source.process().exitValue() != 0) {
      return "the source failed: " + Texts.tail(source.log(), ERROR_OCTETS).strip();
    }
    if (!accepted) {
      return "not all mails were accepted in time";
    }
    if (surplus < 0) {
      return -surplus + " mails did not arrive in time";
    }
    return surplus > 0 ? surplus + " mails more than sent arrived" : "";
  }

  /** What is late must not count for the next run. */
  private void awaitQuiet() throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    long last = -1;
    while (last != sink.count() && System.nanoTime() < end) {
      last = sink.count();
      Pause.of(QUIET);
    }
  }
}
