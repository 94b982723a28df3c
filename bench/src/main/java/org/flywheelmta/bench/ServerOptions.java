package org.flywheelmta.bench;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every benchmark that starts Flywheel. */
final class ServerOptions {
  @Option(
      names = "--java-options",
      paramLabel = "OPTIONS",
      description = "Options of the server's Java, such as -Xmx512m.")
  @Nullable String javaOptions;

  @Option(
      names = "--config-line",
      paramLabel = "LINE",
      description =
          "A line at the top level of the server's configuration, such as 'memory_budget = 1GB';"
              + " may be repeated.")
  List<String> lines = new ArrayList<>();

  FlywheelPeer peer(String name, Home home) {
    return new FlywheelPeer(name, home, javaOptions, List.copyOf(lines));
  }

  /** Flywheel as it is here. */
  FlywheelPeer own() {
    return peer(FlywheelPeer.NAME, new Home(Home.own()));
  }
}
