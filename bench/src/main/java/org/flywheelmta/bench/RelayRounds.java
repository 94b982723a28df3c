package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rounds of one case: the peers take turns, and every other round runs backwards, so that a
 * slow minute of the machine hits all alike. For one thread.
 *
 * @param folder where each case gets a folder that stays, or null for one that goes
 * @param messages of one run, for the usual case
 * @param warmUp before the first round, for the usual case
 * @param limit of one run
 */
record RelayRounds(@Nullable Path folder, int rounds, int messages, int warmUp, Duration limit) {
  /** Starts sink and peers, measures and ends them; every run in its order, without the warm-up. */
  List<RelayRun> run(RelayCase relayCase, List<Peer> peers)
      throws IOException, InterruptedException {
    try (var site = Site.open(folder == null ? null : folder.resolve(relayCase.toString()));
        var sink = SmtpSink.start(site)) {
      var measurement = new Measurement(site, sink, limit, Machine.ticksPerSecond());
      Map<Peer, Peer.Relay> relays = new LinkedHashMap<>();
      for (var peer : peers) {
        var relay = peer.start(site, sink.port(), relayCase.delivers());
        relays.put(peer, relay);
        warmUp(measurement, relayCase, peer, relay);
      }
      var runs = new ArrayList<RelayRun>();
      for (int round = 1; round <= rounds; round++) {
        for (var peer : round % 2 == 1 ? peers : peers.reversed()) {
          int count = relayCase.messages(messages, peer.isSlow());
          var relay = Objects.requireNonNull(relays.get(peer));
          var run = measurement.run(relayCase, peer.name(), relay, round, count);
          runs.add(run);
          say(run);
        }
      }
      return List.copyOf(runs);
    }
  }

  private void warmUp(Measurement measurement, RelayCase relayCase, Peer peer, Peer.Relay relay)
      throws IOException, InterruptedException {
    if (warmUp > 0) {
      long count = (long) relayCase.messages(messages, peer.isSlow()) * warmUp / messages;
      int least = relayCase.sessions();
      say(measurement.run(relayCase, peer.name(), relay, 0, (int) Math.max(least, count)));
    }
  }

  private static void say(RelayRun run) {
    var what = run.round() == 0 ? "warm-up" : "round " + run.round();
    System.err.println(
        String.format(
            Locale.ROOT,
            "%s  %-8s %-10s %s",
            run.relayCase(),
            what,
            run.peer(),
            run.isGood() ? figures(run) : "FAILED: " + run.error()));
  }

  private static String figures(RelayRun run) {
    return String.format(
        Locale.ROOT,
        "%7.0f accepted/s%s  %7.3f CPU s/1,000  %5.0f MiB  %.2f forced/mail",
        run.acceptedPerSecond(),
        run.relayCase().delivers()
            ? String.format(Locale.ROOT, " %7.0f end to end/s", run.arrivedPerSecond())
            : "",
        run.cpuSecondsPerThousand(),
        run.memoryMib(),
        run.forcedWritesPerMail());
  }
}
