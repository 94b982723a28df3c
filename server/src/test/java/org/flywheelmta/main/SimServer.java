package org.flywheelmta.main;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.config.Configured;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.domain.DomainsFromOutside;
import org.flywheelmta.domain.QueueTotals;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.sim.ServerUnderTest;
import org.flywheelmta.sim.SimDns;
import org.flywheelmta.sim.SimPlatform;
import org.flywheelmta.spool.SpoolFromOutside;
import org.jspecify.annotations.Nullable;

/** The whole server, as {@code main} joins it, in one life of a simulated machine. */
final class SimServer implements ServerUnderTest {
  private static final int PROCESSORS = 2;

  /** The one that is written, and what it waits for. */
  private static final int MOST_SEGMENTS = 1;

  static final List<Path> VOLUMES =
      List.of(Path.of("/data/spool"), Path.of("/data/second"), Path.of("/data/third"));

  /** The clock's watch follows a step within a second. */
  private static final long FOLLOWED_NANOS = 3_000_000_000L;

  private final SimPlatform machine;
  private final Server server;
  private final SimLife life;
  private final RecipientsOfSpool spool;
  private @Nullable DomainsFromOutside outside;
  private long offsetMicros;
  private long steppedNanos;

  private SimServer(
      SimPlatform machine, Server server, SimDisk disk, SimLife life, List<Path> volumes) {
    this.machine = machine;
    this.server = server;
    this.life = life;
    this.spool = new RecipientsOfSpool(disk, volumes);
    this.offsetMicros = offsetMicros();
    this.steppedNanos = machine.clock().nanoTime();
  }

  /** Starts a life whose gateway and listener are where the scenario has them; no name exists. */
  static ServerUnderTest start(
      SimPlatform machine, SimDisk disk, InetSocketAddress listen, InetSocketAddress gateway) {
    var life = SimLife.withGateway(random(machine), listen, gateway);
    return start(machine, disk, SimDns.withoutNames(1), life, VOLUMES.subList(0, 1));
  }

  /** The same with a spool of several volumes. */
  static ServerUnderTest startOfVolumes(
      SimPlatform machine, SimDisk disk, InetSocketAddress listen, InetSocketAddress gateway) {
    var life = SimLife.withGateway(random(machine), listen, gateway).ofVolumes();
    return start(machine, disk, SimDns.withoutNames(1), life, VOLUMES);
  }

  /** Starts lives that find their way by names. */
  static ServerUnderTest.Start lives(SimDns dns, String servers, String domains) {
    return (machine, disk, listen, gateway) ->
        start(
            machine,
            disk,
            dns,
            SimLife.withDomains(random(machine), listen, servers, domains),
            VOLUMES.subList(0, 1));
  }

  private static SplittableRandom random(SimPlatform machine) {
    return new SplittableRandom(machine.randomness().secret());
  }

  private static ServerUnderTest start(
      SimPlatform machine, SimDisk disk, SimDns dns, SimLife life, List<Path> volumes) {
    var log = new LogOfRun();
    var server =
        Server.start(
            new Doors(machine, disk, machine.network(), dns::exchange, log),
            new Server.Settings(
                Configured.by(ServerOptions.schema(), life.configuration()),
                Path.of("/data"),
                "mta.test",
                PROCESSORS,
                2 * life.memory(),
                Hooks.none(log)),
            new Server.Startup() {
              @Override
              public void onReady(List<Server.Bound> listeners) {}

              @Override
              public void onFailed(Failure failure) {
                throw Check.bug("the server did not start: " + failure.line());
              }
            });
    return new SimServer(machine, server, disk, life, volumes);
  }

  private long offsetMicros() {
    return machine.clock().wallMicros() - machine.clock().nanoTime() / 1000;
  }

  private @Nullable DomainsFromOutside outside() {
    var domains = server.domains();
    if (outside == null && domains != null) {
      outside = new DomainsFromOutside(domains);
    }
    return outside;
  }

  @Override
  public void checkInvariants() {
    var domains = server.domains();
    var seen = outside();
    if (domains == null || seen == null) {
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
    that(here == came - gone, "of " + (came - gone) + " messages " + here + " are somewhere");
    within("outbound connections", sessions, life.connections());
    within("memory_limit", server.memory().taken(), life.memory());
    // Refusals are sessions too, and what is durable is handed over in any case.
    within("listener_sessions", server.connections(), life.sessions() + 100L);
    within("handover_limit", domains.inHandover(), life.mostHandover());
    seen.check(machine.clock().wallMicros(), clockIsSteady());
  }

  /** False for a moment after the clock was set. */
  private boolean clockIsSteady() {
    long now = machine.clock().nanoTime();
    if (Math.abs(offsetMicros() - offsetMicros) > 10) {
      offsetMicros = offsetMicros();
      steppedNanos = now;
    }
    return now - steppedNanos > FOLLOWED_NANOS;
  }

  private static void within(String limit, long value, long most) {
    that(value >= 0 && value <= most, limit + " is " + most + ", and " + value + " are taken");
  }

  private static void that(boolean holds, String broken) {
    if (!holds) {
      throw new AssertionError(broken);
    }
  }

  @Override
  public void checkAtRest() {
    if (waiting() == 0 && server.connections() == 0 && sessions() == 0) {
      that(
          server.memory().taken() == 0,
          "nothing is here, and memory_limit has " + server.memory().taken() + " bytes taken");
      that(
          server.queueMemory().taken() == 0,
          "nothing is here, and queue_memory_limit has "
              + server.queueMemory().taken()
              + " bytes taken");
      that(
          machine.bytesHeld() == 0,
          "nothing is here, and the allocator has given out " + machine.bytesHeld() + " bytes");
      var storage = server.storage();
      if (storage != null) {
        that(storage.events().slotsTaken() == 0, "nothing is here, and events are not written");
        int segments = SpoolFromOutside.segmentsInUse(storage.spool());
        that(segments <= MOST_SEGMENTS, "nothing is here, and it takes " + segments + " segments");
      }
    }
  }

  private long sessions() {
    var domains = server.domains();
    return domains == null ? 0 : domains.totals().stream().mapToLong(QueueTotals::sessions).sum();
  }

  private static long queued(QueueTotals totals) {
    return totals.all();
  }

  @Override
  public @Nullable Set<String> waitingRecipients() {
    var seen = outside();
    if (seen == null || !seen.moved()) {
      return null;
    }
    var there = seen.visit();
    return server.recovered() && there != null ? spool.recipients(there) : null;
  }

  @Override
  public int mostConnections() {
    return life.connections();
  }

  @Override
  public boolean recovered() {
    return server.recovered();
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
