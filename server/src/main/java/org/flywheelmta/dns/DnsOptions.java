package org.flywheelmta.dns;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.config.ConfigError;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.HostPort;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Scope;
import org.flywheelmta.config.ScopeKind;
import org.flywheelmta.config.Types;

/** The options of look-ups. */
public final class DnsOptions {
  /** Of name servers (RFC 1035 section 4.2). */
  public static final int PORT = 53;

  private static final int MOST_SERVERS = 16;
  private static final long SHORTEST_TIMEOUT_NANOS = 10_000_000;
  private static final long LONGEST_TTL_NANOS = DAYS.toNanos(7);

  static final Option<List<HostPort>> DNS_SERVERS =
      Option.of("dns_servers", Types.list(Types.addressPort(PORT)), List.<HostPort>of())
          .in(ScopeKind.GLOBAL)
          .manual(
              "The name servers that look-ups go to, by address, at most 16; the port is 53 where"
                  + " none is given. They have to resolve names for others (recursion). The first"
                  + " is asked; the next ones are when it fails, and a server that did not answer"
                  + " comes last for 30 s. Empty: those that resolv_conf names.");

  static final Option<String> RESOLV_CONF =
      Option.of("resolv_conf", Types.string(), ResolvConf.PATH)
          .in(ScopeKind.GLOBAL)
          .manual(
              "The file whose first 3 nameserver lines name the servers for look-ups, where"
                  + " dns_servers does not. It is read at the start, and nothing else in it counts."
                  + " Without the file, or such a line in it: 127.0.0.1.");

  static final Option<Long> DNS_TIMEOUT =
      Option.of(
              "dns_timeout",
              Types.duration(SECONDS, SHORTEST_TIMEOUT_NANOS, MINUTES.toNanos(1)),
              SECONDS.toNanos(5))
          .in(ScopeKind.GLOBAL)
          .manual(
              "How long one name server may take for one query. Each is asked twice at most before"
                  + " a look-up fails.");

  static final Option<Integer> DNS_MAX_PENDING =
      Option.of("dns_max_pending", Types.int32(64, 10_000_000), 100_000)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How many askers may wait for the answer of a look-up; one more is to ask again a second"
                  + " later. The route of a domain asks up to 33 times at once.");

  static final Option<Integer> DNS_MAX_QUERIES_PER_SECOND =
      Option.of("dns_max_queries_per_second", Types.int32(1, 1_000_000), 5_000)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How many queries are sent to name servers in a second; further ones wait in their"
                  + " order.");

  static final Option<Integer> DNS_CACHE_SIZE =
      Option.of("dns_cache_size", Types.int32(1, 10_000_000), 100_000)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How many answers of look-ups are kept; above it the one goes that was used least"
                  + " recently. Each takes about 500 bytes; one with more than 512 characters counts as"
                  + " several.");

  static final Option<Long> DNS_MIN_TTL =
      Option.of("dns_min_ttl", Types.duration(SECONDS, 0, HOURS.toNanos(1)), SECONDS.toNanos(5))
          .in(ScopeKind.GLOBAL)
          .manual("The least time that an answer of a look-up is used, whatever its TTL is.");

  static final Option<Long> DNS_MAX_TTL =
      Option.of(
              "dns_max_ttl",
              Types.duration(SECONDS, SECONDS.toNanos(1), LONGEST_TTL_NANOS),
              DAYS.toNanos(1))
          .in(ScopeKind.GLOBAL)
          .manual("The longest time that an answer of a look-up is used, whatever its TTL is.");

  static final Option<Long> DNS_FAILURE_TTL =
      Option.of(
              "dns_failure_ttl",
              Types.duration(SECONDS, SECONDS.toNanos(1), MINUTES.toNanos(5)),
              SECONDS.toNanos(30))
          .in(ScopeKind.GLOBAL)
          .manual(
              "How long a look-up that failed is not made again: no server answered, or none would"
                  + " say (RFC 9520).");

  private DnsOptions() {}

  /** Adds them to a schema. */
  public static void declare(Schema.Builder schema) {
    schema
        .check(DnsOptions::check)
        .options(
            DNS_SERVERS,
            RESOLV_CONF,
            DNS_TIMEOUT,
            DNS_MAX_PENDING,
            DNS_MAX_QUERIES_PER_SECOND,
            DNS_CACHE_SIZE,
            DNS_MIN_TTL,
            DNS_MAX_TTL,
            DNS_FAILURE_TTL);
  }

  private static List<ConfigError> check(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    var servers = generation.global().find(DNS_SERVERS);
    if (servers.value().size() > MOST_SERVERS) {
      servers
          .at()
          .ifPresent(
              at ->
                  errors.add(
                      new ConfigError(
                          at, "dns_servers has more than " + MOST_SERVERS + " servers")));
    }
    var least = generation.global().find(DNS_MIN_TTL);
    var most = generation.global().find(DNS_MAX_TTL);
    if (least.value() > most.value()) {
      least
          .at()
          .or(most::at)
          .ifPresent(at -> errors.add(new ConfigError(at, "dns_min_ttl is above dns_max_ttl")));
    }
    return errors;
  }

  /** The settings; without servers where the configuration names none. */
  public static DnsSettings settings(Scope global) {
    return new DnsSettings(
        global.get(DNS_SERVERS).stream().map(DnsOptions::address).toList(),
        global.get(DNS_TIMEOUT),
        global.get(DNS_MAX_PENDING),
        global.get(DNS_MAX_QUERIES_PER_SECOND),
        global.get(DNS_CACHE_SIZE),
        global.get(DNS_MIN_TTL),
        global.get(DNS_MAX_TTL),
        global.get(DNS_FAILURE_TTL));
  }

  /** Where the servers are named when the configuration names none. */
  public static String resolvConf(Scope global) {
    return global.get(RESOLV_CONF);
  }

  private static InetSocketAddress address(HostPort server) {
    var address = NetUtil.createInetAddressFromIpAddressString(server.host());
    if (address == null) {
      throw Check.bug("a name server that is no address has passed the option's type");
    }
    return new InetSocketAddress(address, server.port());
  }
}
