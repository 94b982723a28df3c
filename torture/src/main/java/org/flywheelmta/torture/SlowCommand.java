package org.flywheelmta.torture;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.flywheelmta.clients.Progress;
import org.flywheelmta.clients.Script;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "slow",
    mixinStandardHelpOptions = true,
    description = {
      "Measures honest sessions alone and beside idle and slow connections.",
      "In turns; judges that they keep their rate and that all their mails arrive."
    })
final class SlowCommand implements Callable<Integer> {
  /** For what the harness has open besides the crowd: sessions, the sink's, files. */
  private static final int OTHER_FILES = 1_000;

  private static final int ROUNDS_MAX = 1_000;
  private static final int CROWD_MAX = 1_000_000;

  @Spec @Nullable CommandSpec spec;

  @Mixin RunOptions options = new RunOptions();

  @Option(names = "--idle", paramLabel = "N", description = "Connections that do nothing.")
  int idle = 10_000;

  @Option(
      names = "--slow",
      paramLabel = "N",
      description =
          "Connections that send an octet now and then within EHLO, a command or a mail, stop"
              + " within a header, or do not read replies.")
  int slow = 1_000;

  @Option(
      names = "--octet-every",
      paramLabel = "TIME",
      description = "How often a slow one sends an octet.",
      defaultValue = "1s")
  Duration octetEvery = Duration.ZERO;

  @Option(names = "--sessions", paramLabel = "N", description = "Honest sessions.")
  int sessions = 20;

  @Option(names = "--rounds", paramLabel = "N", description = "Rounds of each kind.")
  int rounds = 3;

  @Option(
      names = "--round-time",
      paramLabel = "TIME",
      description = "How long a round is measured.",
      defaultValue = "10s")
  Duration roundTime = Duration.ZERO;

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      description = "How long the server is warmed up first.",
      defaultValue = "10s")
  Duration warmUp = Duration.ZERO;

  @Option(
      names = "--idle-time",
      paramLabel = "TIME",
      description =
          "How long the server lets a connection be idle, by its configuration; a round and the"
              + " gathering before it must be shorter.",
      defaultValue = "2m")
  Duration idleTime = Duration.ZERO;

  @Option(
      names = "--least-ratio",
      paramLabel = "RATIO",
      description = "The share of their rate that honest sessions must keep.")
  double leastRatio = 0.9;

  @Mixin MailOptions mails = new MailOptions(1, 0, 10_240);
  @Mixin SinkOptions misbehaviour = new SinkOptions(Misbehaviour.Shares.NONE);
  @Mixin JudgeOptions judge = new JudgeOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    long chosen = LoadOptions.seed(options.seed);
    var plan = plan();
    var load = mails.load(sessions, Long.MAX_VALUE, Duration.ofDays(365), 0, chosen);
    var wrong = misbehaviour.misbehaviour(chosen);
    var script = misbehaviour.script();
    OpenFiles.require((long) idle + slow + sessions + OTHER_FILES, OpenFiles.limit());
    var place = options.place(chosen);
    var verdict = run(place, plan, load, wrong, script);
    JudgeOptions.print(verdict);
    return options.end(place, verdict.isGood());
  }

  private SlowPlan plan() {
    boolean sensible =
        idle >= 0
            && slow >= 0
            && idle <= CROWD_MAX
            && slow <= CROWD_MAX
            && idle + slow > 0
            && octetEvery.isPositive()
            && rounds >= 1
            && rounds <= ROUNDS_MAX
            && roundTime.isPositive()
            && leastRatio >= 0;
    if (!sensible) {
      throw LoadOptions.usage(
          spec,
          "--idle, --slow, --octet-every, --rounds, --round-time or --least-ratio makes no sense");
    }
    if (idleTime.compareTo(roundTime.multipliedBy(2)) < 0) {
      throw LoadOptions.usage(spec, "--idle-time: at least twice --round-time");
    }
    return new SlowPlan(
        idle,
        slow,
        octetEvery,
        rounds,
        roundTime,
        warmUp,
        leastRatio,
        options.startLimit,
        options.drainLimit,
        options.stopLimit,
        options.quiet);
  }

  private Relay.Settings settings() {
    long connections = (long) idle + slow + sessions + OTHER_FILES;
    return new Relay.Settings(
        List.of(),
        List.of(
            "listener_sessions = " + connections,
            "listen_backlog = 4096",
            "idle_time = " + idleTime.toSeconds() + "s",
            "data_idle_time = " + idleTime.toSeconds() + "s"));
  }

  private Verdict run(Path place, SlowPlan plan, Load load, Misbehaviour wrong, Script script)
      throws IOException, InterruptedException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var progress = Progress.onStandardError();
    try (var ledger = Ledger.open(place.resolve(History.LEDGER));
        var sinkRecord = SinkRecord.open(place.resolve(History.SINK_RECORD));
        var _ = KillRecord.open(place.resolve(History.KILL_RECORD));
        var sink = Sink.start(anyPort, sinkRecord, wrong, script)) {
      var relay = options.relay(place, sink.address(), settings());
      var history = History.in(place);
      var drain = new Drain(history, sink, progress, plan.drainLimit());
      var incidents = new SlowRun(plan, load, relay, ledger, sink, drain, progress).run();
      sink.conclude();
      history.finish();
      sink.script().lines().forEach(System.out::println);
      return judge.judge().judge(history, null).with(incidents);
    }
  }
}
