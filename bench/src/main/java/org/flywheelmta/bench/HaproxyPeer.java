package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** HAProxy, which moves octets between source and sink and understands and keeps none of them. */
record HaproxyPeer() implements Peer {
  static final String NAME = "haproxy";
  private static final Duration START_LIMIT = Duration.ofSeconds(10);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> missing() {
    return Programs.find(NAME).isPresent()
        ? Optional.empty()
        : Optional.of(
            "HAProxy is not there; install it: apt-get install --no-install-recommends haproxy");
  }

  @Override
  public String version() throws InterruptedException {
    return Programs.output(List.of(Programs.path(NAME), "-v"))
        .flatMap(words -> words.lines().findFirst())
        .orElse("unknown");
  }

  @Override
  public boolean isSlow() {
    return false;
  }

  @Override
  public boolean takes(RelayCase relayCase) {
    return relayCase.delivers();
  }

  @Override
  public void prepare() {}

  @Override
  public Relay start(Site site, int sink, boolean delivers)
      throws IOException, InterruptedException {
    int port = Ports.free();
    var configuration = site.folder(NAME).resolve("haproxy.cfg");
    Files.writeString(configuration, configuration(port, sink));
    // In the foreground, so that it stays a child of this process.
    var command = List.of(Programs.path(NAME), "-db", "-f", configuration.toString());
    var relay = new Relay(port, site.start(NAME, command, Map.of(), List.of()));
    relay.process().awaitGreeting(port, START_LIMIT);
    return relay;
  }

  private static String configuration(int port, int sink) {
    return """
    global
      maxconn 4000
      nbthread 2
    defaults
      mode tcp
      timeout connect 5s
      timeout client 1m
      timeout server 1m
    frontend source
      bind %1$s:%2$d
      default_backend sink
    backend sink
      server sink %1$s:%3$d
    """
        .formatted(Ports.HOST, port, sink);
  }
}
