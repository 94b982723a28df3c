package org.flywheelmta.torture;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
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
    name = "mix",
    mixinStandardHelpOptions = true,
    description = {
      "Offers mails by the clock, whether the server keeps up or not.",
      "Judges that it delivers what it accepts within its memory. Latencies count from the moment at",
      "which a mail was meant to be offered."
    })
final class MixCommand implements Callable<Integer> {
  private static final int WAITING_MAX = 10_000_000;
  private static final int RETRIES_MAX = 1_000;

  @Spec @Nullable CommandSpec spec;

  @Mixin RunOptions options = new RunOptions();

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Mails per second; 0 for --times what a closed loop measures first.")
  double rate;

  @Option(
      names = "--times",
      paramLabel = "N",
      description = "How many times the measured capacity to offer.")
  double times = 3;

  @Option(
      names = "--measure",
      paramLabel = "TIME",
      description = "How long to measure the capacity.",
      defaultValue = "20s")
  Duration measure = Duration.ZERO;

  @Option(
      names = "--time",
      paramLabel = "TIME",
      description = "How long mails arrive.",
      defaultValue = "5m")
  Duration time = Duration.ZERO;

  @Option(names = "--sessions", paramLabel = "N", description = "Connections at most.")
  int sessions = 200;

  @Option(
      names = "--waiting-max",
      paramLabel = "N",
      description =
          "How many mails may wait for a session. Arrivals beyond it are not offered, counted as"
              + " such, and not part of any latency.")
  int waitingMax = 10_000;

  @Option(
      names = "--retries",
      paramLabel = "N",
      description = "How often a mail that was refused with 4xx is offered again.")
  int retries;

  @Option(
      names = "--retry-after",
      paramLabel = "TIME",
      description = "How long after the refusal.",
      defaultValue = "1s")
  Duration retryAfter = Duration.ZERO;

  @Option(
      names = "--memory-budget",
      paramLabel = "SIZE",
      description = "What the server's processes may hold together, such as 700MB; 0 for any.",
      converter = SizeWords.class,
      defaultValue = "700MB")
  long memoryBudget;

  @Option(
      names = "--calm",
      description = "The sink refuses nobody, and does wrong only what --reply says.")
  boolean calm;

  @Mixin MailOptions mails = new MailOptions(3, 0.01, 0);
  @Mixin SinkOptions misbehaviour = new SinkOptions(Misbehaviour.Shares.MIXED);
  @Mixin JudgeOptions judge = new JudgeOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    long chosen = LoadOptions.seed(options.seed);
    var plan = plan();
    if (calm) {
      mails.refused = 0;
    }
    var load = mails.load(sessions, Long.MAX_VALUE, time, rate, chosen);
    var wrong = misbehaviour.misbehaviour(chosen);
    var script = misbehaviour.script();
    var place = options.place(chosen);
    var verdict = run(place, plan, load, calm ? Misbehaviour.none() : wrong, script);
    JudgeOptions.print(verdict);
    return options.end(place, verdict.isGood());
  }

  private MixPlan plan() {
    boolean sensible =
        time.isPositive()
            && measure.isPositive()
            && times > 0
            && waitingMax >= 1
            && waitingMax <= WAITING_MAX
            && retries >= 0
            && retries <= RETRIES_MAX
            && retryAfter.isPositive();
    if (!sensible) {
      throw LoadOptions.usage(
          spec,
          "--time, --measure, --times, --waiting-max, --retries or --retry-after makes no sense");
    }
    return new MixPlan(
        times,
        measure,
        new Patience(waitingMax, retries, retryAfter),
        memoryBudget,
        options.startLimit,
        options.drainLimit,
        options.stopLimit,
        options.quiet);
  }

  private Verdict run(Path place, MixPlan plan, Load load, Misbehaviour wrong, Script script)
      throws IOException, InterruptedException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var progress = Progress.onStandardError();
    var deliveries = new Latencies();
    Sink.Deliveries heard =
        (dueMicros, recipients) -> {
          if (dueMicros != 0) {
            deliveries.add(MicroClock.micros() - dueMicros, recipients);
          }
        };
    try (var ledger = Ledger.open(place.resolve(History.LEDGER));
        var sinkRecord = SinkRecord.open(place.resolve(History.SINK_RECORD));
        var _ = KillRecord.open(place.resolve(History.KILL_RECORD));
        var sink = Sink.start(anyPort, sinkRecord, wrong, script, heard)) {
      var relay = options.relay(place, sink.address(), Relay.Settings.NONE);
      var history = History.in(place);
      var drain = new Drain(history, sink, progress, plan.drainLimit());
      var run = new MixRun(plan, load, relay, ledger, sink, deliveries, drain, progress);
      var incidents = run.run();
      sink.conclude();
      history.finish();
      sink.script().lines().forEach(System.out::println);
      return judge.judge().judge(history, null).with(incidents);
    }
  }
}
