package org.flywheelmta.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.NonThreadSafe;

/** The hosts of a day, each with what it is there for. */
@NonThreadSafe
final class HostsOfDay {
  static final int SMTP_PORT = 25;
  static final int GATEWAY_PORT = 2600;

  /** An address of IPv6 to which nobody has a route. */
  static final String NOWHERE = "2001:db8:dead::1";

  private static final int NO_CAP = 1_000;
  private static final long MILLISECOND = 1_000_000L;
  private static final long MINUTE = 60_000_000_000L;

  private final SimWorld world;
  private final RandomGenerator random;
  private final List<MxHost> all = new ArrayList<>();
  private final List<MxHost> retired = new ArrayList<>();
  private int next;

  /** Of two preferences, shared by many domains. */
  final MxHost first;

  final MxHost second;

  /** Of one preference. */
  final List<MxHost> equals;

  /** Puts recipients off at first. */
  final MxHost greylisting;

  /** Bears few connections. */
  final MxHost capping;

  /** Alone, for some domains. */
  final MxHost lonely;

  /** Far away. */
  final MxHost slow;

  /** Has addresses of both families. */
  final MxHost dual;

  /** Has an address of IPv6 too, to which there is no route. */
  final MxHost halfRouted;

  /** Never answers. */
  final MxHost dead;

  /** Takes the mail of a domain until that moves to {@link #fresh}. */
  final MxHost old;

  final MxHost fresh;

  /** A host's address before it was renumbered, and after. */
  final MxHost before;

  final MxHost after;

  /** Takes the mail of other domains at a port of its own. */
  final MxHost gateway;

  /** Of the senders. */
  final MxHost senders;

  HostsOfDay(SimWorld world) {
    this.world = world;
    this.random = world.random();
    this.first = host("first", manners(0, NO_CAP));
    this.second = host("second", manners(0, NO_CAP));
    this.equals =
        List.of(
            host("equal-a", manners(0, NO_CAP)),
            host("equal-b", manners(0, NO_CAP)),
            host("equal-c", manners(0, NO_CAP)));
    this.greylisting = host("greylisting", manners((3 + random.nextInt(28)) * MINUTE, NO_CAP));
    this.capping = host("capping", manners(0, 1 + random.nextInt(2)));
    this.lonely = host("lonely", manners(0, NO_CAP));
    this.slow =
        host(
            "slow",
            new MxHost.Manners(
                0, NO_CAP, Link.fast().withLatency(40 * MILLISECOND, 400 * MILLISECOND)));
    this.dual = host("dual", manners(0, NO_CAP), "2001:db8::7");
    this.halfRouted = host("half-routed", manners(0, NO_CAP));
    this.dead = host("dead", manners(0, NO_CAP));
    this.old = host("old", manners(0, NO_CAP));
    this.fresh = host("fresh", manners(0, NO_CAP));
    this.before = host("before", manners(0, NO_CAP));
    this.after = host("after", manners(0, NO_CAP));
    this.gateway = hostAt("gateway", manners(0, NO_CAP), GATEWAY_PORT);
    this.senders = host("senders", manners(0, NO_CAP));
  }

  private MxHost.Manners manners(long greylistNanos, int cap) {
    var link = Link.fast();
    if (random.nextInt(4) == 0) {
      link = link.withSegmentBytes(100 + random.nextInt(2000));
    }
    return new MxHost.Manners(greylistNanos, cap, link);
  }

  private MxHost host(String name, MxHost.Manners manners, String... more) {
    return hostAt(name, manners, SMTP_PORT, more);
  }

  private MxHost hostAt(String name, MxHost.Manners manners, int port, String... more) {
    var addresses = new ArrayList<InetSocketAddress>();
    addresses.add(new InetSocketAddress(address("198.51.100." + ++next), port));
    for (var literal : more) {
      addresses.add(new InetSocketAddress(address(literal), port));
    }
    var host = new MxHost(world, name + ".mx.example", manners, addresses);
    all.add(host);
    return host;
  }

  static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException none) {
      throw new IllegalArgumentException(literal, none);
    }
  }

  /** Those that may have trouble of their own. */
  List<MxHost> fallible() {
    var fallible = new ArrayList<>(List.of(first, second, greylisting, lonely, slow, dual));
    fallible.add(halfRouted);
    fallible.add(gateway);
    fallible.addAll(equals);
    return fallible;
  }

  List<MxHost> all() {
    return all;
  }

  /** Plugs the machine in that they all are, and has them listen; all but one answer. */
  SimPlatform open(
      BiConsumer<MxHost, List<SimSmtpSink.Delivery>> onTaken,
      Consumer<String> onRefused,
      Runnable watcher) {
    var addresses =
        all.stream()
            .flatMap(host -> host.addresses().stream())
            .map(InetSocketAddress::getAddress)
            .toArray(InetAddress[]::new);
    var machine = world.machine("outside", addresses);
    var scheduler = machine.schedulers("sinks", 1).getFirst();
    for (var host : all) {
      host.open(machine, scheduler, onTaken, onRefused, watcher);
    }
    world.wire().cutOff(address(NOWHERE));
    retire(dead, random.nextBoolean());
    return machine;
  }

  /** From now on a host is gone for good. */
  void retire(MxHost host, boolean refuses) {
    host.begin(refuses ? MxHost.Trouble.REFUSES : MxHost.Trouble.VANISHES);
    retired.add(host);
  }

  /** Whatever is wrong with those that are not gone for good is over. */
  void heal() {
    for (var host : all) {
      if (!retired.contains(host)) {
        host.heal();
      }
    }
  }

  /** The connections that the server has to all of them. */
  List<SinkSession> sessions() {
    return all.stream().flatMap(host -> host.sessions().stream()).toList();
  }
}
