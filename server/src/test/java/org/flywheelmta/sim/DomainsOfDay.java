package org.flywheelmta.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.dns.Rdata;
import org.flywheelmta.dns.RecordType;
import org.jspecify.annotations.Nullable;

/**
 * The domains of a day: their records in the zone, and their stanzas in the server's configuration.
 * One of each special kind, and ordinary ones; a few have most of the mail.
 */
@NonThreadSafe
final class DomainsOfDay {
  private static final String DEAD_FIRST = "deadfirst.example";
  private static final String HALF_ROUTED = "halfrouted.example";
  private static final int ORDINARY = 18;
  private static final int BIG = 3;
  private static final long SECOND = 1_000_000_000L;
  private static final long[] TTLS = {0, 5, 30, 300, 3600};

  private final RandomGenerator random;
  private final HostsOfDay hosts;
  private final Zone zone;
  private final Map<String, DayDomain> byName = new LinkedHashMap<>();
  private final List<DayDomain> all = new ArrayList<>();
  private final StringBuilder configuration = new StringBuilder();
  private int totalWeight;

  /** Whose hosts' mail moves from {@link HostsOfDay#old} to another. */
  final DayDomain moving;

  /** Whose host gets another address. */
  final DayDomain renumbered;

  /** Whose own name servers fail at times. */
  final DayDomain lame;

  DomainsOfDay(SimWorld world, HostsOfDay hosts, Zone zone) {
    this.random = world.random();
    this.hosts = hosts;
    this.zone = zone;
    for (var host : hosts.all()) {
      addressesOf(host);
    }
    zone.addresses("half-routed.mx.example", ttl(), literal(hosts.halfRouted), HostsOfDay.NOWHERE);
    zone.addresses("dead-first.mx.example", ttl(), literal(hosts.dead));
    this.moving = add("moving.example", hosts.old, hosts.fresh);
    zone.exchangers("moving.example", 300, hosts.old.name());
    this.renumbered = add("renumbered.example", hosts.before, hosts.after);
    zone.exchangers("renumbered.example", 3600, "renumbered.mx.example");
    zone.addresses("renumbered.mx.example", 300, literal(hosts.before));
    this.lame = add("lame.example", hosts.first);
    zone.exchangers("lame.example", 30, hosts.first.name());
    addSpecial();
    addHopeless();
    addCrowd();
    for (int i = 0; i < ORDINARY; i++) {
      addOrdinary("d" + i + ".example");
    }
    addGatewayed();
    add(SimMail.SENDERS, hosts.senders);
    zone.exchangers(SimMail.SENDERS, ttl(), hosts.senders.name());
  }

  private void addressesOf(MxHost host) {
    var literals =
        host.addresses().stream()
            .map(address -> address.getAddress().getHostAddress())
            .toArray(String[]::new);
    zone.addresses(host.name(), ttl(), literals);
  }

  private static String literal(MxHost host) {
    return host.addresses().getFirst().getAddress().getHostAddress();
  }

  private long ttl() {
    return TTLS[random.nextInt(TTLS.length)];
  }

  private void addSpecial() {
    add(DEAD_FIRST, hosts.dead, hosts.second);
    zone.exchangers(DEAD_FIRST, ttl(), "dead-first.mx.example", hosts.second.name());
    add(HALF_ROUTED, hosts.halfRouted);
    zone.exchangers(HALF_ROUTED, ttl(), hosts.halfRouted.name());
    add("dual.example", hosts.dual);
    zone.exchangers("dual.example", ttl(), hosts.dual.name());
    add("hostless.example", hosts.slow);
    zone.addresses("hostless.example", ttl(), literal(hosts.slow));
    add("alias.example", hosts.lonely);
    zone.alias("alias.example", ttl(), "target.example");
    zone.exchangers("target.example", ttl(), "mail.alias.example");
    zone.alias("mail.alias.example", ttl(), hosts.lonely.name());
    add("greylisted.example", hosts.greylisting);
    zone.exchangers("greylisted.example", ttl(), hosts.greylisting.name());
  }

  private void addHopeless() {
    add("missing.example", Fault.NO_SUCH_DOMAIN);
    add("nomail.example", Fault.NULL_MX);
    zone.noMail("nomail.example", ttl());
    add("nowhere.example", Fault.NO_HOST);
    zone.exchangers("nowhere.example", ttl(), "missing.mx.example");
  }

  /** Those of the host that bears few connections. */
  private void addCrowd() {
    for (int i = 0; i < 4; i++) {
      add("crowd" + i + ".example", hosts.capping);
      zone.exchangers("crowd" + i + ".example", ttl(), hosts.capping.name());
    }
  }

  private void addOrdinary(String name) {
    switch (random.nextInt(5)) {
      case 0 -> {
        add(name, hosts.first, hosts.second);
        zone.exchangers(name, ttl(), hosts.first.name(), hosts.second.name());
      }
      case 1 -> {
        add(name, hosts.equals.toArray(MxHost[]::new));
        equals(name, hosts.equals);
      }
      case 2 -> {
        add(name, hosts.slow, hosts.second);
        equals(name, List.of(hosts.slow, hosts.second));
      }
      case 3 -> {
        add(name, hosts.dual, hosts.first);
        zone.exchangers(name, ttl(), hosts.dual.name(), hosts.first.name());
      }
      default -> {
        var host = random.nextBoolean() ? hosts.lonely : hosts.greylisting;
        add(name, host);
        zone.exchangers(name, ttl(), host.name());
      }
    }
  }

  private void equals(String name, List<MxHost> equals) {
    zone.put(
        name,
        RecordType.MX,
        ttl(),
        equals.stream().<Rdata>map(host -> new Rdata.Exchanger(10, host.name())).toList());
  }

  /** Two whose mail goes to one gateway, under whose name it queues. */
  private void addGatewayed() {
    var gateway = "relay.example";
    zone.addresses(gateway, ttl(), literal(hosts.gateway));
    var options = options(gateway);
    for (int i = 0; i < 2; i++) {
      var name = "gated" + i + ".example";
      stanza(name, "gateway = \"" + gateway + ":" + HostsOfDay.GATEWAY_PORT + "\"");
      add(
          new DayDomain(
              name,
              weight(),
              null,
              List.of(hosts.gateway),
              gateway,
              options.connections,
              options.batch,
              options.maxRetryNanos));
    }
  }

  private DayDomain add(String name, MxHost... homes) {
    return add(name, null, homes);
  }

  private void add(String name, Fault hopeless) {
    add(name, hopeless, new MxHost[0]);
  }

  private DayDomain add(String name, @Nullable Fault hopeless, MxHost... homes) {
    var options = options(name);
    return add(
        new DayDomain(
            name,
            weight(),
            hopeless,
            List.of(homes),
            name,
            options.connections,
            options.batch,
            options.maxRetryNanos));
  }

  private DayDomain add(DayDomain domain) {
    all.add(domain);
    byName.put(domain.name(), domain);
    totalWeight += domain.weight();
    return domain;
  }

  /** A few have most of the mail. */
  private int weight() {
    return random.nextInt(all.size() + 1) < BIG ? 20 + random.nextInt(60) : 1 + random.nextInt(5);
  }

  private record Options(int connections, int batch, long maxRetryNanos) {}

  private Options options(String name) {
    int connections = 1 << random.nextInt(4);
    int batch = random.nextBoolean() ? 100 : 1 + random.nextInt(3);
    int retrySeconds = 20 + random.nextInt(random.nextBoolean() ? 60 : 900);
    int maxSeconds = Math.max(retrySeconds, 1200 + random.nextInt(6000));
    stanza(
        name,
        """
        max_outbound_connections = %d
          max_recipients_per_batch = %d
          retry_interval = %ds
          max_retry_interval = %ds
          host_failure_retry = %ds
          mx_failures_to_delay = %d
          idle_timeout = %ds
          max_deliveries_per_connection = %d
          prefer_ipv6_mxs = %s"""
            .formatted(
                connections,
                batch,
                retrySeconds,
                maxSeconds,
                5 + random.nextInt(random.nextBoolean() ? 60 : 600),
                leastFailures(name) + random.nextInt(12),
                1 + random.nextInt(30),
                random.nextInt(4) == 0 ? 2 : 0,
                random.nextBoolean() || name.equals(HALF_ROUTED) ? "yes" : "no"));
    return new Options(connections, batch, maxSeconds * SECOND);
  }

  /**
   * With one, each message would lose an attempt now and then to an address that is always dead.
   */
  private static int leastFailures(String name) {
    return name.equals(HALF_ROUTED) || name.equals(DEAD_FIRST) ? 2 : 1;
  }

  private void stanza(String name, String options) {
    configuration.append("domain \"" + name + "\" {\n  " + options + "\n}\n");
  }

  /** The stanzas of all domains. */
  String configuration() {
    return configuration.toString();
  }

  /** The domain of a recipient. */
  DayDomain of(String recipient) {
    var domain = byName.get(SimMail.domainOf(recipient));
    if (domain == null) {
      throw new IllegalArgumentException("no domain of the day has " + recipient);
    }
    return domain;
  }

  List<DayDomain> all() {
    return all;
  }

  /** Those that a host may take the mail of. */
  List<DayDomain> at(MxHost host) {
    return all.stream().filter(domain -> domain.homes().contains(host)).toList();
  }

  /** One by chance, as they share the mail. */
  DayDomain any() {
    int left = random.nextInt(totalWeight);
    for (var domain : all) {
      left -= domain.weight();
      if (left < 0) {
        return domain;
      }
    }
    throw new IllegalStateException("the weights of domains do not add up");
  }

  /** The domain's mail goes to the other host from now on. */
  void move() {
    zone.exchangers(moving.name(), 300, hosts.fresh.name());
  }

  /** The host has its other address from now on. */
  void renumber() {
    zone.addresses("renumbered.mx.example", 300, literal(hosts.after));
  }
}
