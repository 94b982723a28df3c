package org.flywheelmta.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.flywheelmta.clients.Progress;
import org.flywheelmta.torture.Crowd;
import org.flywheelmta.torture.Greeting;
import org.flywheelmta.torture.Latencies;
import org.flywheelmta.torture.OpenFiles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code flywheel bench idle}. */
@Command(
    name = "idle",
    description = {
      "What connections cost that read the greeting and then say nothing.",
      "Memory for each of them, and how long a new one waits for its greeting, one at a time,",
      "without and beside them."
    },
    mixinStandardHelpOptions = true)
final class IdleCommand implements Callable<Integer> {
  /** Files that this process and the server have open besides. */
  private static final int SPARE_FILES = 500;

  /** Ports of one address that others leave for the connections. */
  private static final int CONNECTIONS_MOST = 25_000;

  private static final Duration GATHER_LOOK = Duration.ofMillis(200);
  private static final Duration GATHER_LIMIT = Duration.ofMinutes(2);

  @Spec @Nullable CommandSpec spec;
  @Mixin ServerOptions server = new ServerOptions();
  @Mixin ResultOptions result = new ResultOptions();

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Silent ones; each is an open file here and one of the server.")
  int connections;

  @Option(
      names = "--greetings",
      paramLabel = "N",
      defaultValue = "1000",
      description = "New connections, before and meanwhile, each closed by QUIT.")
  int greetings;

  @Override
  public Integer call() throws IOException, InterruptedException {
    boolean sensible = connections >= 1 && connections <= CONNECTIONS_MOST && greetings >= 1;
    if (!sensible && spec != null) {
      throw new ParameterException(
          spec.commandLine(),
          "--connections is 1 to " + CONNECTIONS_MOST + ", --greetings at least 1");
    }
    var lack = OpenFiles.lack(connections + SPARE_FILES, OpenFiles.limit());
    if (!lack.isEmpty()) {
      throw new Unavailable(lack);
    }
    var date = Instant.now();
    var peer = server.own();
    peer.prepare();
    IdleResult idle;
    try (var site = Site.open(result.workFolder);
        var nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      idle = measure(peer.start(site, nobody.getLocalPort(), true));
    }
    idle.lines().forEach(System.out::println);
    if (result.json != null) {
      var versions = Map.of(peer.name(), peer.version());
      try (var report = JsonReport.begin(result.json, "idle", date, Machine.own(), versions)) {
        idle.write(report.json());
      }
    }
    return idle.failure().isEmpty() ? 0 : Main.BAD;
  }

  private IdleResult measure(Peer.Relay relay) throws IOException, InterruptedException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.port());
    var progress = Progress.onStandardError();
    progress.say("greetings without a crowd");
    // The first ones are for the compiler.
    greet(address);
    var alone = greet(address);
    var before = memory(relay.process());
    try (var crowd = Crowd.silent(address, connections)) {
      long end = System.nanoTime() + GATHER_LIMIT.toNanos();
      while (!crowd.await(GATHER_LOOK)) {
        progress.show(() -> "the crowd gathers; " + crowd.census().line());
        if (System.nanoTime() > end) {
          throw relay.process().failure("did not greet them within " + GATHER_LIMIT);
        }
      }
      progress.say("greetings beside the crowd; " + crowd.census().line());
      var beside = greet(address);
      var after = memory(relay.process());
      var census = crowd.fullCensus();
      progress.end();
      return new IdleResult(
          connections,
          before,
          after,
          Percentiles.of(alone),
          Percentiles.of(beside),
          failure(census, alone.count() + beside.count()));
    }
  }

  private String failure(Crowd.Census census, long greeted) {
    if (!census.isComplete()) {
      return census.line() + "; gone: " + census.gone();
    }
    long missing = 2L * greetings - greeted;
    return missing > 0 ? missing + " connections were not greeted" : "";
  }

  private Latencies greet(InetSocketAddress address) {
    var times = new Latencies();
    for (int i = 0; i < greetings; i++) {
      Greeting.micros(address).ifPresent(times::add);
    }
    return times;
  }

  /** The share is of memory as it stands, so it is read before the collection. */
  private static IdleResult.Memory memory(Child child) throws InterruptedException {
    var process = child.process().toHandle();
    long share = new ProcessTree(process, 1).memory();
    return new IdleResult.Memory(share, HeapUse.afterCollection(process.pid()));
  }
}
