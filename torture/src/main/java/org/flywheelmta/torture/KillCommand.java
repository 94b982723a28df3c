package org.flywheelmta.torture;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "kill",
    mixinStandardHelpOptions = true,
    description = {
      "Kills a server again and again under load and judges that it lost, damaged,",
      "invented and repeated nothing."
    })
final class KillCommand implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  @Option(
      names = "--command",
      paramLabel = "COMMAND",
      description = {
        "Starts the server in the foreground. The places {config}, {data}, {port} and",
        "{sink} are filled in; without any, --config FILE --data DIR are added."
      })
  String command = "./flywheel run";

  @Option(names = "--seed", paramLabel = "N", description = "Repeats mails and moments.")
  @Nullable Long seed;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Where the run is kept; new or empty.")
  @Nullable Path folder;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The server's data folder, if elsewhere.")
  @Nullable Path data;

  @Option(names = "--keep", description = "Keep the folder of a good run too.")
  boolean keep;

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
  @Mixin SinkOptions misbehaviour = new SinkOptions();
  @Mixin JudgeOptions judge = new JudgeOptions();

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
        names = "--start-limit",
        paramLabel = "TIME",
        description = "For a greeting.",
        defaultValue = "60s")
    Duration startLimit = Duration.ZERO;

    @Option(
        names = "--drain-limit",
        paramLabel = "TIME",
        description = "For the last deliveries.",
        defaultValue = "5m")
    Duration drainLimit = Duration.ZERO;

    @Option(
        names = "--stop-limit",
        paramLabel = "TIME",
        description = "For the end on SIGTERM.",
        defaultValue = "30s")
    Duration stopLimit = Duration.ZERO;

    @Option(
        names = "--quiet",
        paramLabel = "TIME",
        description = "Silence at the sink that ends the drain; longer than any retry.",
        defaultValue = "5s")
    Duration quiet = Duration.ZERO;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    long chosen = LoadOptions.seed(seed);
    var wanted = load.load(chosen, true);
    var script = misbehaviour.misbehaviour(chosen, Misbehaviour.Shares.NONE);
    var killPlan = plan(chosen);
    var place = folder == null ? Files.createTempDirectory("flywheel-torture-") : folder;
    Files.createDirectories(place);
    for (String name : new String[] {History.LEDGER, History.SINK_RECORD, History.KILL_RECORD}) {
      if (Files.exists(place.resolve(name))) {
        throw LoadOptions.usage(spec, place + " holds an earlier run");
      }
    }
    System.out.println("seed " + chosen + "  folder " + place);
    var verdict = run(place, wanted, script, killPlan);
    JudgeOptions.print(verdict);
    if (verdict.isGood() && !keep && folder == null) {
      delete(place);
    } else {
      System.out.println("kept in " + place + ", judge it again with: torture judge " + place);
    }
    return verdict.isGood() ? 0 : Main.BAD;
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
        plan.startLimit,
        plan.drainLimit,
        plan.stopLimit,
        plan.quiet,
        chosen);
  }

  private Verdict run(Path place, Load wanted, Misbehaviour script, KillPlan killPlan)
      throws IOException, InterruptedException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var ledger = Ledger.open(place.resolve(History.LEDGER));
        var sinkRecord = SinkRecord.open(place.resolve(History.SINK_RECORD));
        var killRecord = KillRecord.open(place.resolve(History.KILL_RECORD));
        var sink = Sink.start(anyPort, sinkRecord, script)) {
      var dataFolder = data == null ? place.resolve("data") : data;
      var relay = Relay.prepare(place, dataFolder, command, sink.address());
      var generator = Generator.start(relay.address(), wanted, ledger);
      var history = History.in(place);
      var killer =
          new Killer(
              relay, killPlan, killRecord, generator, sink, history, Progress.onStandardError());
      var incidents = killer.run();
      Set<String> waiting =
          spoolList == null ? Set.of() : SpoolList.run(CommandWords.of(spoolList, relay.values()));
      return judge.judge().judge(history, waiting).with(incidents);
    }
  }

  /** Only ever called with the folder that this run made itself. */
  private static void delete(Path place) throws IOException {
    try (var paths = Files.walk(place)) {
      for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
