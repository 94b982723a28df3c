package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The bare loop, in a JVM of its own that has the class path and the options of this one. */
record BarePeer() implements Peer {
  static final String NAME = "bare";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public String version() throws InterruptedException {
    return new Home(Home.own()).commit().orElse("of no known commit");
  }

  @Override
  public boolean isSlow() {
    return false;
  }

  @Override
  public boolean takes(RelayCase relayCase) {
    return true;
  }

  @Override
  public void prepare() {}

  @Override
  public Relay start(Site site, int sink, boolean delivers)
      throws IOException, InterruptedException {
    int port = Ports.free();
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.jfr.enabled=false",
            "-Dio.netty.leakDetection.level=disabled",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            NAME,
            "--listen",
            Ports.HOST + ":" + port,
            "--file",
            site.folder(NAME).resolve("blocks").toString()));
    if (delivers) {
      command.addAll(List.of("--forward", Ports.HOST + ":" + sink));
    }
    var relay = new Relay(port, site.start(NAME, command, Map.of(), List.of()));
    relay.process().awaitGreeting(port, START_LIMIT);
    return relay;
  }
}
