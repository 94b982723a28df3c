package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.config.Configured;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.domain.QueueTotals;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.sim.ServerUnderTest;
import org.flywheelmta.sim.SimPlatform;

/** The whole server, as {@code main} joins it, in one life of a simulated machine. */
final class SimServer implements ServerUnderTest {
  private static final long MEMORY_BYTES = 64L << 20;
  private static final int PROCESSORS = 2;
  private static final int MAX_OUTBOUND_CONNECTIONS = 4;

  private final Server server;

  private SimServer(Server server) {
    this.server = server;
  }

  /** Starts a life whose gateway and listener are where the scenario has them. */
  static ServerUnderTest start(
      SimPlatform machine, SimDisk disk, InetSocketAddress listen, InetSocketAddress gateway) {
    var configuration =
        """
        hostname = "mta.test"
        gateway = "127.0.0.1:%d"
        max_outbound_connections = %d
        retry_interval = 30s
        max_retry_interval = 10m
        connect_timeout = 60s
        ehlo_timeout = 60s
        mailfrom_timeout = 60s
        rcptto_timeout = 60s
        body_timeout = 60s
        eventloop "events" { concurrency = 2 }
        spool { path = "spool"  segment_size = 1MB }
        esmtp_listener { listen "127.0.0.1:%d" { relay_hosts = ( "127.0.0.0/8" ) } }
        """
            .formatted(gateway.getPort(), MAX_OUTBOUND_CONNECTIONS, listen.getPort());
    var log = new LogOfRun();
    var server =
        Server.start(
            new Doors(machine, disk, machine.network(), log),
            new Server.Settings(
                Configured.by(ServerOptions.schema(), configuration),
                Path.of("/data"),
                "mta.test",
                PROCESSORS,
                MEMORY_BYTES,
                Hooks.none(log)),
            new Server.Startup() {
              @Override
              public void onReady(List<Server.Bound> listeners) {}

              @Override
              public void onFailed(Failure failure) {
                throw Check.bug("the server did not start: " + failure.line());
              }
            });
    return new SimServer(server);
  }

  @Override
  public void checkInvariants() {
    var domains = server.domains();
    if (domains == null) {
      return;
    }
    var counters = domains.counters();
    long came = counters.enqueued.value() + counters.recovered.value();
    long gone =
        counters.delivered.value()
            + counters.permanentFailures.value()
            + counters.expired.value()
            + counters.discarded.value();
    long here = domains.inHandover();
    long sessions = 0;
    for (var totals : domains.totals()) {
      here += queued(totals);
      sessions += totals.sessions();
    }
    assertThat(here).as("every message is in exactly one place").isEqualTo(came - gone);
    assertThat(sessions)
        .as("max_outbound_connections")
        .isBetween(0L, (long) MAX_OUTBOUND_CONNECTIONS);
    assertThat(server.memory().taken()).as("memory of content").isBetween(0L, MEMORY_BYTES / 2);
  }

  private static long queued(QueueTotals totals) {
    return totals.active() + totals.delayed() + totals.delivering();
  }

  @Override
  public int waiting() {
    var domains = server.domains();
    if (domains == null || !server.recovered()) {
      // Nobody knows before recovery is through, so at least one may wait.
      return 1;
    }
    long waiting = domains.inHandover();
    for (var totals : domains.totals()) {
      waiting += queued(totals);
    }
    return Math.toIntExact(waiting);
  }

  /** An error of the operator log is a bug of this run. */
  private static final class LogOfRun implements OperatorLog {
    @Override
    public void write(Level level, String text) {
      if (level == Level.ERROR) {
        throw Check.bug("the operator log has an error: " + text);
      }
    }
  }
}
