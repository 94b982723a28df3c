package org.flywheelmta.domain;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.flywheelmta.config.ConfigError;
import org.flywheelmta.config.Found;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.HostPort;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Scope;
import org.flywheelmta.config.ScopeKind;
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
              "How long after its acceptance a message that was not delivered is given up. Each"
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
              "The address and port that takes all mail of a domain. The mail queues under the"
                  + " gateway's name, whose limits apply.");

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

  /** Adds them to a schema. */
  public static void declare(Schema.Builder schema) {
    schema.check(DomainOptions::gatewaysAreAddresses);
    schema.options(
        MAX_OUTBOUND_CONNECTIONS,
        RETRY_INTERVAL,
        MAX_RETRY_INTERVAL,
        MESSAGE_EXPIRATION,
        HOST_FAILURE_RETRY,
        MAX_RECIPIENTS_PER_BATCH,
        SUSPEND_DELIVERY,
        BLACKHOLE,
        GATEWAY,
        HANDOVER_LIMIT,
        SERVER_MAX_OUTBOUND_CONNECTIONS,
        HOT_DOMAINS,
        DRAIN_LIMIT);
  }

  /** Names of hosts are not looked up yet, so a gateway that has one would never be reached. */
  private static List<ConfigError> gatewaysAreAddresses(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    addUnlessAddress(generation.global().find(GATEWAY), errors);
    for (var domain : generation.stanzas(ScopeKind.DOMAIN)) {
      addUnlessAddress(domain.scope().find(GATEWAY), errors);
    }
    return errors;
  }

  private static void addUnlessAddress(
      Found<Optional<HostPort>> gateway, List<ConfigError> errors) {
    if (gateway.value().isPresent() && !gateway.value().get().isAddress()) {
      var text =
          gateway.value().get()
              + " is a name, and names are not looked up yet; give the gateway's address, such as"
              + " 192.0.2.1:25";
      gateway
          .at()
          .filter(at -> errors.stream().noneMatch(error -> error.at().equals(at)))
          .ifPresent(at -> errors.add(new ConfigError(at, text)));
    }
  }

  /** The policy of a domain. */
  public static DomainPolicy policy(Scope domain) {
    return new DomainPolicy(
        domain.get(MAX_OUTBOUND_CONNECTIONS),
        domain.get(RETRY_INTERVAL),
        domain.get(MAX_RETRY_INTERVAL),
        domain.get(MESSAGE_EXPIRATION),
        domain.get(HOST_FAILURE_RETRY),
        domain.get(MAX_RECIPIENTS_PER_BATCH),
        domain.get(SUSPEND_DELIVERY),
        domain.get(BLACKHOLE),
        domain.get(GATEWAY).orElse(null));
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
