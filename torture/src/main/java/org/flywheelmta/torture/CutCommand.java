package org.flywheelmta.torture;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.flywheelmta.clients.Progress;
import org.flywheelmta.clients.Script;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the commands have in common that end a server again and again under load. */
abstract class CutCommand implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  @Mixin RunOptions options = new RunOptions();

  @Option(
      names = "--spool-list",
      paramLabel = "COMMAND",
      description = {
        "Lists what still waits in the spool after the drain; without it,",
        "whatever was not delivered by then is lost."
      })
  @Nullable String spoolList;

  @Mixin PlanOptions plan = new PlanOptions();

  @Mixin LoadOptions load = new LoadOptions();
  @Mixin SinkOptions misbehaviour = new SinkOptions(Misbehaviour.Shares.NONE);
  @Mixin JudgeOptions judge = new JudgeOptions();

  /** How the server is ended; made once, and closed when the run is over. */
  abstract Cut cut(Path place) throws IOException, InterruptedException;

  /** How old a delivery may at least be that is forgotten and repeated. */
  abstract Duration leastWindow();

  static final class PlanOptions {
    @Option(names = "--cycles", paramLabel = "N", description = "How often to kill.")
    int cycles = 25;

    @Option(
        names = "--shortest",
        paramLabel = "TIME",
        description = "The earliest kill.",
        defaultValue = "50ms")
    Duration shortest = Duration.ZERO;

    @Option(
        names = "--longest",
        paramLabel = "TIME",
        description = "The latest kill.",
        defaultValue = "3s")
    Duration longest = Duration.ZERO;

    @Option(
        names = "--early-share",
        paramLabel = "SHARE",
        description = "Share of kills timed from the start of the process, to meet its recovery.")
    double earlyShare = 0.2;

    @Option(
        names = "--spool-line",
        paramLabel = "LINE",
        description = {
          "A line for the spool stanza of the server's configuration,",
          "such as 'volumes = ( \"second\" )'; may be repeated."
        })
    List<String> spoolLines = new ArrayList<>();
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    long chosen = LoadOptions.seed(options.seed);
    var wanted = load.load(chosen, true);
    var wrong = misbehaviour.misbehaviour(chosen);
    var script = misbehaviour.script();
    var killPlan = plan(chosen);
    var place = options.place(chosen);
    Verdict verdict;
    try (var cut = cut(place)) {
      options.data = cut.data(options.data);
      verdict = run(place, wanted, wrong, script, killPlan, cut);
    }
    JudgeOptions.print(verdict);
    return options.end(place, verdict.isGood());
  }

  private KillPlan plan(long chosen) {
    if (plan.cycles < 1
        || !plan.shortest.isPositive()
        || plan.longest.compareTo(plan.shortest) < 0
        || plan.earlyShare < 0
        || plan.earlyShare > 1) {
      throw LoadOptions.usage(
          spec, "--cycles, --shortest, --longest or --early-share makes no sense");
    }
    return new KillPlan(
        plan.cycles,
        plan.shortest,
        plan.longest,
        plan.earlyShare,
        options.startLimit,
        options.drainLimit,
        options.stopLimit,
        options.quiet,
        chosen);
  }

  private Verdict run(
      Path place, Load wanted, Misbehaviour wrong, Script script, KillPlan killPlan, Cut cut)
      throws IOException, InterruptedException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var ledger = Ledger.open(place.resolve(History.LEDGER));
        var sinkRecord = SinkRecord.open(place.resolve(History.SINK_RECORD));
        var killRecord = KillRecord.open(place.resolve(History.KILL_RECORD));
        var sink = Sink.start(anyPort, sinkRecord, wrong, script)) {
      var relay = options.relay(place, sink.address(), cut.settings().withSpool(plan.spoolLines));
      var generator = Generator.start(relay.address(), wanted, ledger);
      var history = History.in(place);
      var killer =
          new Killer(
              relay,
              killPlan,
              cut,
              killRecord,
              generator,
              sink,
              history,
              Progress.onStandardError());
      var incidents = killer.run();
      @Nullable Set<String> waiting =
          spoolList == null ? null : SpoolList.run(CommandWords.of(spoolList, relay.values()));
      sink.script().lines().forEach(System.out::println);
      return judge.judge(leastWindow()).judge(history, waiting).with(incidents);
    }
  }
}
