package org.flywheelmta.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.NonThreadSafe;

/**
 * What goes wrong in a day, and when it is over. Trouble that was to come lasts until somebody has
 * met it, and mail is sent its way.
 */
@NonThreadSafe
final class DayTroubles {
  private static final long SECOND = 1_000_000_000L;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;

  /** Trouble begins before this, so that somebody can meet it. */
  private static final long LAST_BEGINNING = 20 * HOUR;

  private static final long LONGEST = 3 * HOUR;

  private final SimWorld world;
  private final RandomGenerator random;
  private final Day day;
  private final HostsOfDay hosts;
  private final DomainsOfDay domains;
  private final DnsTroubles dns;
  private final Consumer<List<DayDomain>> probe;
  private boolean over;

  /**
   * @param probe sends mail to the domains
   */
  DayTroubles(
      SimWorld world,
      Day day,
      HostsOfDay hosts,
      DomainsOfDay domains,
      DnsTroubles dns,
      Consumer<List<DayDomain>> probe) {
    this.world = world;
    this.random = world.random();
    this.day = day;
    this.hosts = hosts;
    this.domains = domains;
    this.dns = dns;
    this.probe = probe;
  }

  void plan() {
    var fallible = hosts.fallible().stream().filter(host -> !domains.at(host).isEmpty()).toList();
    var kinds = new ArrayList<MxHost.Trouble>();
    for (var kind : MxHost.Trouble.values()) {
      if (kind != MxHost.Trouble.NONE) {
        kinds.add(kind);
      }
    }
    for (int i = 0; i < kinds.size() + day.troubles(); i++) {
      var kind = kinds.get(i < kinds.size() ? i : random.nextInt(kinds.size()));
      var host = fallible.get(random.nextInt(fallible.size()));
      world.after(beginning(), "host trouble", () -> begin(host, kind));
    }
    for (var kind : DnsTroubles.Trouble.values()) {
      if (kind != DnsTroubles.Trouble.NONE) {
        world.after(beginning(), "dns trouble", () -> begin(kind));
      }
    }
    world.after(beginning(), "move", () -> move(hosts.old, domains.moving, domains::move));
    world.after(
        beginning(), "renumber", () -> move(hosts.before, domains.renumbered, domains::renumber));
    world.after(beginning(), "crowd", this::crowd);
    for (int i = 0; i < day.clockSteps(); i++) {
      world.after(random.nextLong(LAST_BEGINNING), "clock", () -> world.stepWall(step()));
      world.after(random.nextLong(LAST_BEGINNING), "clock", () -> world.stepWall(-step()));
    }
    for (var domain : domains.all()) {
      // Those that cannot be delivered to, and those that only some hosts have, get some mail.
      world.after(beginning(), "probe", () -> probe.accept(List.of(domain)));
      if (domain.hopeless() != null) {
        world.after(beginning(), "probe", () -> probe.accept(List.of(domain)));
      }
    }
  }

  private long beginning() {
    return random.nextLong(LAST_BEGINNING);
  }

  private long length() {
    return random.nextBoolean() ? random.nextLong(20 * MINUTE) : random.nextLong(LONGEST);
  }

  private long step() {
    long most = random.nextBoolean() ? 30_000_000L : 3_600_000_000L;
    return 1_000_000 + random.nextLong(most);
  }

  private void begin(MxHost host, MxHost.Trouble kind) {
    if (host.isTroubled()) {
      world.after(10 * MINUTE, "host trouble", () -> begin(host, kind));
    } else if (!over) {
      host.begin(kind);
      var some = domains.at(host);
      endOnceMet(host::hasTroubled, some, host::endTrouble);
    }
  }

  private void begin(DnsTroubles.Trouble kind) {
    if (dns.isTroubled()) {
      world.after(10 * MINUTE, "dns trouble", () -> begin(kind));
    } else if (!over) {
      dns.begin(kind, random.nextBoolean());
      var some = kind == DnsTroubles.Trouble.LAME ? List.of(domains.lame) : domains.all();
      endOnceMet(dns::hasTroubled, some, dns::end);
    }
  }

  /** The old host is gone at once, and the records follow later. */
  private void move(MxHost old, DayDomain domain, Runnable follow) {
    hosts.retire(old, true);
    endOnceMet(
        old::hasTroubled,
        List.of(domain),
        () -> {
          if (old.hasTroubled()) {
            world.faults().fire(Fault.OLD_HOST_TRIED);
          }
          follow.run();
        });
  }

  /** Trouble ends some time after somebody has met it; until then mail is sent its way. */
  private void endOnceMet(BooleanSupplier met, List<DayDomain> some, Runnable end) {
    probe.accept(some);
    world.after(length(), "trouble ends", () -> endIfMet(met, some, end));
  }

  private void endIfMet(BooleanSupplier met, List<DayDomain> some, Runnable end) {
    if (over || met.getAsBoolean()) {
      end.run();
    } else {
      probe.accept(some);
      world.after(5 * MINUTE, "trouble ends", () -> endIfMet(met, some, end));
    }
  }

  /** More domains want connections at once than their host bears. */
  private void crowd() {
    if (world.faults().fired(Fault.GATEWAY_FULL) == 0 && !over) {
      domains.at(hosts.capping).forEach(domain -> probe.accept(List.of(domain)));
      world.after(10 * MINUTE, "crowd", this::crowd);
    }
  }

  /** Everything is well from now on, but for what is gone for good. */
  void end() {
    over = true;
    if (hosts.dead.attempts() > 0) {
      world.faults().fire(Fault.DEAD_HOST_TRIED);
    }
    dns.end();
    hosts.heal();
  }
}
