package org.flywheelmta.bench;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code flywheel bench start}. */
@Command(
    name = "start",
    description = {
      "From the start of the process `flywheel run` to the first octets of its greeting.",
      "The first start finds an empty data folder and stands beside; the others count."
    },
    mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(1);
  private static final double MILLION = 1e6;

  @Spec @Nullable CommandSpec spec;
  @Mixin ServerOptions server = new ServerOptions();
  @Mixin ResultOptions result = new ResultOptions();

  @Option(
      names = "--starts",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many starts on the folder of an earlier one.")
  int starts;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (starts < 1 && spec != null) {
      throw new ParameterException(spec.commandLine(), "--starts makes no sense");
    }
    var date = Instant.now();
    var peer = server.own();
    peer.prepare();
    var nanos = new ArrayList<Long>();
    try (var site = Site.open(result.workFolder);
        var nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var folder = site.folder(peer.name());
      for (int i = 0; i <= starts; i++) {
        nanos.add(start(site, peer, folder, nobody.getLocalPort()));
        System.err.println("start " + i + "  " + millis(nanos.getLast()) + " ms");
      }
    }
    var later = Spread.of(nanos.stream().skip(1).mapToDouble(n -> n / MILLION));
    System.out.println(
        "start to greeting, ms, median (least-most) of "
            + starts
            + ": "
            + later.words("%.0f")
            + "; on an empty folder: "
            + millis(nanos.getFirst()));
    report(date, peer, nanos, later);
    return 0;
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.0f", nanos / MILLION);
  }

  /** Nanoseconds to the greeting; the server is ended afterwards. */
  private static long start(Site site, FlywheelPeer peer, Path folder, int sink)
      throws IOException, InterruptedException {
    int port = Ports.free();
    long begin = System.nanoTime();
    var child = peer.start(site, folder, port, sink, true);
    while (System.nanoTime() - begin < LIMIT.toNanos() && child.process().isAlive()) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        if (socket.getInputStream().read() == '2') {
          long end = System.nanoTime();
          site.end(child);
          return end - begin;
        }
      } catch (ConnectException e) {
        // It does not listen yet.
      }
      Pause.of(LOOK);
    }
    throw child.failure("did not greet within " + LIMIT.toSeconds() + " s");
  }

  private void report(Instant date, Peer peer, List<Long> nanos, Spread millis)
      throws IOException, InterruptedException {
    if (result.json == null) {
      return;
    }
    var versions = Map.of(peer.name(), peer.version());
    try (var report = JsonReport.begin(result.json, "start", date, Machine.own(), versions)) {
      var json = report.json();
      json.writeNumberProperty("median_millis", millis.median());
      json.writeNumberProperty("first_nanos", nanos.getFirst());
      json.writeArrayPropertyStart("nanos");
      nanos.stream().skip(1).forEach(json::writeNumber);
      json.writeEndArray();
    }
  }
}
