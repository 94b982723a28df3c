package org.flywheelmta.torture;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every command that starts a server: how, where its run is kept, its seed. */
final class RunOptions {
  /** What {@code ./flywheel run} reads, and what any other command may. */
  private static final String JAVA_OPTIONS = "FLYWHEEL_JAVA_OPTS";

  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec;

  @Option(
      names = "--command",
      paramLabel = "COMMAND",
      description =
          "Starts the server in the foreground. The places {config}, {data}, {port} and {sink} are"
              + " filled in; without any, --config FILE --data DIR are added.")
  String command = "./flywheel run";

  @Option(
      names = "--java-options",
      paramLabel = "OPTIONS",
      description = "Options of the server's Java, such as -Xmx256m; set as FLYWHEEL_JAVA_OPTS.")
  @Nullable String javaOptions;

  @Option(names = "--seed", paramLabel = "N", description = "Repeats what is drawn at random.")
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

  /** The folder of a new run, with none of an earlier one in it. */
  Path place(long chosenSeed) throws IOException {
    var place = folder == null ? Files.createTempDirectory("flywheel-torture-") : folder;
    Files.createDirectories(place);
    for (String name : List.of(History.LEDGER, History.SINK_RECORD, History.KILL_RECORD)) {
      if (Files.exists(place.resolve(name))) {
        throw LoadOptions.usage(spec, place + " holds an earlier run");
      }
    }
    System.out.println("seed " + chosenSeed + "  folder " + place);
    return place;
  }

  /** The server, which has not been started yet. */
  Relay relay(Path place, InetSocketAddress sink, Relay.Settings settings) throws IOException {
    var dataFolder = data == null ? place.resolve("data") : data;
    Map<String, String> environment =
        javaOptions == null ? Map.of() : Map.of(JAVA_OPTIONS, javaOptions);
    return Relay.prepare(place, dataFolder, command, sink, settings, environment);
  }

  /** Keeps what a bad run left, and says where; takes away what a good one left. */
  int end(Path place, boolean good) throws IOException {
    if (good && !keep && folder == null) {
      delete(place);
    } else {
      System.out.println("kept in " + place + ", judge it again with: torture judge " + place);
    }
    return good ? 0 : Main.BAD;
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
