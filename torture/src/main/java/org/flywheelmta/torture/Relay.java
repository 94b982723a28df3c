package org.flywheelmta.torture;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The server under torture: where it listens, where it keeps its data, and how it is started.
 *
 * @param address where it takes mail
 * @param command the words to start it, which must not end before the server does
 * @param values what the places in braces of a command stand for
 * @param environment what is set for it besides the harness's own
 * @param log where its output goes
 */
record Relay(
    InetSocketAddress address,
    List<String> command,
    Map<String, String> values,
    Map<String, String> environment,
    Path log) {
  /**
   * Lines of configuration beyond the smallest.
   *
   * @param global for the server as a whole
   * @param listener for the listener
   * @param spool for the spool
   */
  record Settings(List<String> global, List<String> listener, List<String> spool) {
    static final Settings NONE = new Settings(List.of(), List.of());

    /** The same with more lines for the spool. */
    Settings withSpool(List<String> lines) {
      var all = new ArrayList<>(spool);
      all.addAll(lines);
      return new Settings(global, listener, List.copyOf(all));
    }

    Settings(List<String> global, List<String> listener) {
      this(global, listener, List.of());
    }
  }

  /**
   * Writes the smallest configuration that relays everything to the sink and tries again soon.
   *
   * @param command with places in braces; without any, {@code --config FILE --data DIR} are added
   */
  static Relay prepare(
      Path folder,
      Path data,
      String command,
      InetSocketAddress sink,
      Settings settings,
      Map<String, String> environment)
      throws IOException {
    var address = freeAddress();
    Files.createDirectories(data);
    var config = folder.resolve("relay.conf");
    Files.writeString(config, configuration(address, sink, settings));
    var values = new LinkedHashMap<String, String>();
    values.put("config", config.toAbsolutePath().toString());
    values.put("data", data.toAbsolutePath().toString());
    values.put("port", Integer.toString(address.getPort()));
    values.put("sink", Integer.toString(sink.getPort()));
    var words = new ArrayList<>(CommandWords.of(command, values));
    if (!CommandWords.hasPlaces(command)) {
      words.addAll(CommandWords.of("--config {config} --data {data}", values));
    }
    return new Relay(
        address, List.copyOf(words), values, environment, folder.resolve("server.log"));
  }

  static String configuration(
      InetSocketAddress address, InetSocketAddress sink, Settings settings) {
    return """
    gateway = "127.0.0.1:%d"
    retry_interval = 1s
    max_retry_interval = 2s
    %sspool {
      %spath = "spool"
    }
    esmtp_listener {
      %slisten "127.0.0.1:%d" { relay_hosts = ( "127.0.0.0/8" ) }
    }
    """
        .formatted(
            sink.getPort(),
            lines(settings.global(), ""),
            lines(settings.spool(), "  "),
            lines(settings.listener(), "  "),
            address.getPort());
  }

  private static String lines(List<String> lines, String indent) {
    var all = new StringBuilder();
    lines.forEach(line -> all.append(line).append('\n').append(indent));
    return all.toString();
  }

  /** A port that was free a moment ago. */
  static InetSocketAddress freeAddress() throws IOException {
    try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new InetSocketAddress(probe.getInetAddress(), probe.getLocalPort());
    }
  }
}
