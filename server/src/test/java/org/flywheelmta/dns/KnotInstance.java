package org.flywheelmta.dns;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.main.PeerPrograms;
import org.flywheelmta.sim.Zone;

/** A Knot DNS of its own, which answers for one zone on one port of this machine. */
public final class KnotInstance implements AutoCloseable {
  private static final String PROGRAM = "knotd";
  private static final int PORTS_TRIED_MAX = 100;

  private final Process process;
  private final InetSocketAddress address;

  private KnotInstance(Process process, InetSocketAddress address) {
    this.process = process;
    this.address = address;
  }

  /** Starts one and waits until it answers; names of {@code broken.test} are SERVFAIL. */
  public static KnotInstance start(Path folder, String apex, Zone zone) throws Exception {
    int port = freePort();
    Files.createDirectories(folder.resolve("db"));
    Files.writeString(folder.resolve("zone"), zone.file());
    var conf = folder.resolve("knot.conf");
    Files.writeString(conf, configuration(folder.toAbsolutePath(), apex, port));
    var programs = new PeerPrograms(folder);
    var process = programs.start(PROGRAM, List.of("-c", conf.toString()));
    PeerPrograms.await(folder, () -> hasStarted(programs, process));
    return new KnotInstance(process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private static String configuration(Path folder, String apex, int port) {
    return """
        server:
            rundir: "%1$s"
            listen: 127.0.0.1@%3$d
            udp-workers: 1
            tcp-workers: 1
            background-workers: 1
        log:
          - target: stdout
            any: info
        database:
            storage: "%1$s/db"
        zone:
          - domain: %2$s
            file: "%1$s/zone"
            zonefile-sync: -1
            zonefile-load: whole
            journal-content: none
          # Its file does not exist, so that whoever asks is told SERVFAIL.
          - domain: broken.test
            file: "%1$s/missing"
        """
        .formatted(folder, apex, port);
  }

  private static boolean hasStarted(PeerPrograms programs, Process process) {
    try {
      var output = programs.output(PROGRAM);
      if (!process.isAlive()) {
        throw new AssertionError(output);
      }
      return output.contains("server started");
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  /** A port that nobody has just now, of either protocol. */
  private static int freePort() throws IOException {
    for (int i = 1; ; i++) {
      try (var tcp = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          var udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress())) {
        return udp.getLocalPort();
      } catch (BindException taken) {
        if (i == PORTS_TRIED_MAX) {
          throw taken;
        }
      }
    }
  }

  /** Where it answers. */
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public void close() {
    PeerPrograms.stop(process);
  }
}
