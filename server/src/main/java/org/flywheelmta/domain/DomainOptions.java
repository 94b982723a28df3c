package org.flywheelmta.domain;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.flywheelmta.config.HostPort;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.RouteEntry;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Scope;
import org.flywheelmta.config.ScopeKind;
import org.flywheelmta.config.Stanza;
import org.flywheelmta.config.Types;

/** The options of domain records. */
public final class DomainOptions {
  private static final long LONGEST_NANOS = DAYS.toNanos(365);
  private static final long SHORTEST_RETRY_NANOS = 10_000_000;

  static final Option<Integer> MAX_OUTBOUND_CONNECTIONS =
      Option.of("max_outbound_connections", Types.int32(1, 100_000), 32)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("The most connections open at once to deliver the mail of a domain.");

  static final Option<Long> RETRY_INTERVAL =
      Option.of(
              "retry_interval",
              Types.duration(SECONDS, SHORTEST_RETRY_NANOS, LONGEST_NANOS),
              MINUTES.toNanos(20))
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "The time from a first failed attempt to the next; it doubles with each further one,"
                  + " up to max_retry_interval.");

  static final Option<Long> MAX_RETRY_INTERVAL =
      Option.of(
              "max_retry_interval",
              Types.duration(SECONDS, SHORTEST_RETRY_NANOS, LONGEST_NANOS),
              HOURS.toNanos(12))
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("The longest time between two attempts.");

  static final Option<Long> MESSAGE_EXPIRATION =
      Option.of("message_expiration", Types.duration(SECONDS, 0, LONGEST_NANOS), DAYS.toNanos(7))
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "How long after its MAIL command a message that was not delivered is given up. Each"
                  + " message is attempted once.");

  static final Option<Long> HOST_FAILURE_RETRY =
      Option.of(
              "host_failure_retry",
              Types.duration(SECONDS, SHORTEST_RETRY_NANOS, LONGEST_NANOS),
              MINUTES.toNanos(2))
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "The longest time for which no connection is opened to a host after connections to it"
                  + " failed; retry_interval counts instead where it is smaller.");

  static final Option<Long> SESSION_PATIENCE =
      Option.of(
              "session_patience",
              Types.duration(SECONDS, 0, SECONDS.toNanos(1)),
              MILLISECONDS.toNanos(20))
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "How soon the sessions at work must come to mail that waits, judged by how long they"
                  + " had their last mails, so that no other session is woken or opened for it. Few"
                  + " busy connections to a host nearby cost both sides less than many that are"
                  + " mostly idle; to a host that takes longer than this for a mail it changes"
                  + " nothing. 0: never wait. It counts where the best preference has one host.");

  /** The most recipients of one transaction; methods of delivery follow it too. */
  public static final Option<Integer> MAX_RECIPIENTS_PER_BATCH =
      Option.of("max_recipients_per_batch", Types.int32(1, 10_000), 100)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("The most recipients of one message that are delivered in one transaction.");

  static final Option<Boolean> SUSPEND_DELIVERY =
      Option.of("suspend_delivery", Types.bool(), false)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("Whether mail is kept in its queue and no connection is opened for it.");

  static final Option<Boolean> BLACKHOLE =
      Option.of("blackhole", Types.bool(), false)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("Whether mail is discarded instead of delivered.");

  static final Option<Optional<HostPort>> GATEWAY =
      Option.of("gateway", Types.optional(Types.hostPort()), Optional.<HostPort>empty())
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "The host and port that takes all mail of a domain. The mail queues under the gateway's"
                  + " name, whose limits apply. A name has its MX records looked up, and its addresses"
                  + " where it has none; an address is used as it is.");

  static final Option<List<RouteEntry>> ROUTES =
      Option.of("routes", Types.list(Types.route()), List.<RouteEntry>of())
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "Hosts that take the mail of a domain instead of those that its MX records name, each"
                  + " with a preference before it and a port behind it or without: those of the least"
                  + " preference are tried first. __mx__ stands for the MX records. The mail queues"
                  + " under the domain. A gateway goes before it.");

  static final Option<Integer> REMOTE_SMTP_PORT =
      Option.of("remote_smtp_port", Types.int32(1, 65_535), 25)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("The port of hosts that are named without one, as MX records do.");

  static final Option<Boolean> ALLOW_LOOPBACK_MX =
      Option.of("allow_loopback_mx", Types.bool(), false)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "Whether the MX records of a domain may lead to this machine: to a loopback address, or"
                  + " to one that a listener has. Otherwise its mail fails for good. A gateway may.");

  static final Option<Boolean> PREFER_IPV6_MXS =
      Option.of("prefer_ipv6_mxs", Types.bool(), false)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "Whether of a host with addresses of both families one of IPv6 is tried first. They take"
                  + " turns after that.");

  static final Option<Integer> MX_FAILURES_TO_DELAY =
      Option.of("mx_failures_to_delay", Types.int32(1, 1_000_000), 10)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "After how many failures in a row, of connections or of sessions that brought nothing"
                  + " through, all that waits for a domain counts one attempt and is delayed; before"
                  + " that, when each host was tried in vain.");

  static final Option<Integer> HANDOVER_LIMIT =
      Option.of("handover_limit", Types.int32(1, 10_000_000), 10_000)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How many messages may be on their way to one scheduler before listeners stop taking"
                  + " mail. Recovery and changes of the configuration use half of it at most.");

  static final Option<Integer> SERVER_MAX_OUTBOUND_CONNECTIONS =
      Option.of("server_max_outbound_connections", Types.int32(1, 1_000_000), 20_000)
          .in(ScopeKind.GLOBAL)
          .manual("The most connections open at once to deliver mail, in all.");

  static final Option<List<String>> HOT_DOMAINS =
      Option.of("hot_domains", Types.list(Types.domain()), List.<String>of())
          .in(ScopeKind.GLOBAL)
          .manual(
              "Domains, in either spelling, with more mail than one scheduler delivers: their records"
                  + " are spread over all schedulers of delivery_pool, as those of gateways always are.");

  static final Option<Long> DRAIN_LIMIT =
      Option.of("drain_limit", Types.duration(SECONDS, 0, DAYS.toNanos(1)), SECONDS.toNanos(30))
          .in(ScopeKind.GLOBAL)
          .manual(
              "How long a stop waits for deliveries under way; what is not over then is aborted and"
                  + " stays in the spool.");

  private DomainOptions() {}

  /**
   * True when a stanza of a domain names a gateway of its own, under whose name its mail queues.
   */
  public static boolean hasGateway(Stanza domain) {
    var gateway = domain.scope().find(GATEWAY);
    return gateway.value().isPresent() && !gateway.scope().equals(ScopeKind.GLOBAL.name());
  }

  /** Adds them to a schema. */
  public static void declare(Schema.Builder schema) {
    schema.options(
        MAX_OUTBOUND_CONNECTIONS,
        RETRY_INTERVAL,
        MAX_RETRY_INTERVAL,
        MESSAGE_EXPIRATION,
        HOST_FAILURE_RETRY,
        SESSION_PATIENCE,
        MAX_RECIPIENTS_PER_BATCH,
        SUSPEND_DELIVERY,
        BLACKHOLE,
        GATEWAY,
        ROUTES,
        REMOTE_SMTP_PORT,
        ALLOW_LOOPBACK_MX,
        PREFER_IPV6_MXS,
        MX_FAILURES_TO_DELAY,
        HANDOVER_LIMIT,
        SERVER_MAX_OUTBOUND_CONNECTIONS,
        HOT_DOMAINS,
        DRAIN_LIMIT);
  }

  /** The policy of a domain. */
  public static DomainPolicy policy(Scope domain) {
    return new DomainPolicy(
        domain.get(MAX_OUTBOUND_CONNECTIONS),
        domain.get(RETRY_INTERVAL),
        domain.get(MAX_RETRY_INTERVAL),
        domain.get(MESSAGE_EXPIRATION),
        domain.get(HOST_FAILURE_RETRY),
        domain.get(SESSION_PATIENCE),
        domain.get(MAX_RECIPIENTS_PER_BATCH),
        domain.get(SUSPEND_DELIVERY),
        domain.get(BLACKHOLE),
        domain.get(GATEWAY).orElse(null),
        domain.get(MX_FAILURES_TO_DELAY),
        new RoutePolicy(
            domain.get(ROUTES),
            domain.get(REMOTE_SMTP_PORT),
            domain.get(ALLOW_LOOPBACK_MX),
            domain.get(PREFER_IPV6_MXS)));
  }

  /** The limits of the floor. */
  public static Domains.Limits limits(Scope global) {
    return new Domains.Limits(
        global.get(HANDOVER_LIMIT),
        global.get(SERVER_MAX_OUTBOUND_CONNECTIONS),
        global.get(DRAIN_LIMIT),
        Collections.unmodifiableSet(new TreeSet<>(global.get(HOT_DOMAINS))));
  }
}
