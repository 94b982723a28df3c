package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Flywheel as a checkout has it, durable as it ships.
 *
 * @param home the checkout
 * @param javaOptions options of its JVM, or null
 * @param lines of its configuration, at the top level
 */
record FlywheelPeer(String name, Home home, @Nullable String javaOptions, List<String> lines)
    implements Peer {
  static final String NAME = "flywheel";
  private static final String JAVA_OPTIONS = "FLYWHEEL_JAVA_OPTS";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** The same with more options of its JVM, which win. */
  FlywheelPeer variant(String other, String options) {
    var all = javaOptions == null ? options : javaOptions + " " + options;
    return new FlywheelPeer(other, home, all, lines);
  }

  @Override
  public Optional<String> missing() {
    return Files.isExecutable(home.script())
        ? Optional.empty()
        : Optional.of(home.folder() + " holds no script `flywheel`");
  }

  @Override
  public String version() throws InterruptedException {
    return home.commit().orElse("of no known commit");
  }

  @Override
  public boolean isSlow() {
    return false;
  }

  @Override
  public boolean takes(RelayCase relayCase) {
    return true;
  }

  /** The script builds what is stale, which may take minutes. */
  @Override
  public void prepare() throws IOException, InterruptedException {
    var built =
        new ProcessBuilder(home.script().toString(), "version")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    built.getOutputStream().close();
    if (built.waitFor() != 0) {
      throw new IOException(home.script() + " version ended with " + built.exitValue());
    }
  }

  @Override
  public Relay start(Site site, int sink, boolean delivers)
      throws IOException, InterruptedException {
    int port = Ports.free();
    var relay = new Relay(port, start(site, site.folder(name), port, sink, delivers));
    relay.process().awaitGreeting(port, START_LIMIT);
    return relay;
  }

  /** Starts it on a folder that may have been used before, and does not wait. */
  Child start(Site site, Path folder, int port, int sink, boolean delivers) throws IOException {
    var configuration = folder.resolve("flywheel.conf");
    Files.writeString(configuration, configuration(port, sink, delivers));
    var command =
        List.of(
            home.script().toString(),
            "run",
            "--config",
            configuration.toString(),
            "--data",
            folder.resolve("data").toString());
    Map<String, String> environment =
        javaOptions == null ? Map.of() : Map.of(JAVA_OPTIONS, javaOptions);
    return site.start(name, command, environment, List.of());
  }

  private String configuration(int port, int sink, boolean delivers) {
    return """
    gateway = "%1$s:%2$d"
    suspend_delivery = %4$s
    %5$s
    spool { path = "spool" }
    esmtp_listener {
      listen "%1$s:%3$d" { relay_hosts = ( "127.0.0.0/8" ) }
    }
    """
        .formatted(Ports.HOST, sink, port, delivers ? "off" : "on", String.join("\n", lines));
  }
}
