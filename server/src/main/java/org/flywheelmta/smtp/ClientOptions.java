package org.flywheelmta.smtp;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.Optional;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Scope;
import org.flywheelmta.config.ScopeKind;
import org.flywheelmta.config.Types;
import org.flywheelmta.domain.DomainOptions;

/** The options of SMTP deliveries. */
public final class ClientOptions {
  private static final int PHASE_SECONDS = 300;
  private static final long SHORTEST_NANOS = SECONDS.toNanos(1);
  private static final long LONGEST_NANOS = DAYS.toNanos(365);

  static final Option<Optional<String>> EHLO_HOSTNAME =
      Option.of("ehlo_hostname", Types.optional(Types.hostname()), Optional.<String>empty())
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "The name in EHLO when mail is delivered. Where it is not set: the option hostname.");

  static final Option<Long> CONNECT_TIMEOUT =
      timeout("connect_timeout", PHASE_SECONDS, "a connection to come about, and to be greeted");

  static final Option<Long> EHLO_TIMEOUT =
      timeout("ehlo_timeout", PHASE_SECONDS, "the reply to EHLO or HELO");

  static final Option<Long> MAILFROM_TIMEOUT =
      timeout("mailfrom_timeout", PHASE_SECONDS, "the reply to MAIL");

  static final Option<Long> RCPTTO_TIMEOUT =
      timeout("rcptto_timeout", PHASE_SECONDS, "the reply to each RCPT");

  static final Option<Long> BODY_TIMEOUT =
      timeout("body_timeout", 600, "any progress of a message, and the reply to its end");

  static final Option<Long> RSET_TIMEOUT =
      timeout("rset_timeout", 30, "the replies to RSET and QUIT");

  static final Option<Long> IDLE_TIMEOUT =
      timeout("idle_timeout", 5, "the next message before an open connection is closed");

  static final Option<Integer> MAX_DELIVERIES_PER_CONNECTION =
      Option.of("max_deliveries_per_connection", Types.int32(0, Integer.MAX_VALUE), 0)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("The most messages delivered over one connection. 0: no limit.");

  private ClientOptions() {}

  private static Option<Long> timeout(String name, long seconds, String what) {
    return Option.of(
            name, Types.duration(SECONDS, SHORTEST_NANOS, LONGEST_NANOS), SECONDS.toNanos(seconds))
        .in(ScopeKind.DELIVERY)
        .online()
        .manual("How long a delivery waits for " + what + ".");
  }

  /** Adds them to a schema. */
  public static void declare(Schema.Builder schema) {
    schema.options(
        EHLO_HOSTNAME,
        CONNECT_TIMEOUT,
        EHLO_TIMEOUT,
        MAILFROM_TIMEOUT,
        RCPTTO_TIMEOUT,
        BODY_TIMEOUT,
        RSET_TIMEOUT,
        IDLE_TIMEOUT,
        MAX_DELIVERIES_PER_CONNECTION);
  }

  /**
   * The policy of a domain.
   *
   * @param hostname of this server, where {@code ehlo_hostname} is not set
   */
  public static ClientPolicy policy(Scope domain, String hostname) {
    var defaults = ClientPolicy.of(domain.get(EHLO_HOSTNAME).orElse(hostname));
    return new ClientPolicy(
        defaults.ehloHostname(),
        domain.get(CONNECT_TIMEOUT),
        domain.get(EHLO_TIMEOUT),
        domain.get(MAILFROM_TIMEOUT),
        domain.get(RCPTTO_TIMEOUT),
        domain.get(BODY_TIMEOUT),
        domain.get(RSET_TIMEOUT),
        domain.get(IDLE_TIMEOUT),
        domain.get(MAX_DELIVERIES_PER_CONNECTION),
        domain.get(DomainOptions.MAX_RECIPIENTS_PER_BATCH),
        defaults.maxReplyLine(),
        defaults.maxReplyLines());
  }
}
