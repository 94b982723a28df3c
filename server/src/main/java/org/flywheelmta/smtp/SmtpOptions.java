package org.flywheelmta.smtp;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.flywheelmta.auth.AuthOptions;
import org.flywheelmta.config.Cidr;
import org.flywheelmta.config.ConfigError;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.ListenerKind;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Scope;
import org.flywheelmta.config.ScopeKind;
import org.flywheelmta.config.Types;

/** The options of the SMTP listener. */
public final class SmtpOptions {
  private static final long SHORTEST_NANOS = SECONDS.toNanos(1);
  private static final long LONGEST_NANOS = DAYS.toNanos(365);

  /** {@code esmtp_listener}, with {@code listen} and {@code peer} in it. */
  public static final ListenerKind LISTENER = ListenerKind.of("esmtp_listener");

  static final Option<Optional<String>> BANNER_HOSTNAME =
      Option.of("banner_hostname", Types.optional(Types.hostname()), Optional.<String>empty())
          .in(ScopeKind.GLOBAL)
          .in(LISTENER.scopes())
          .online()
          .manual(
              "The name by which the server greets clients and signs Received fields. Where it"
                  + " is not set: the option hostname.");

  static final Option<Long> MAX_MESSAGE_SIZE =
      Option.of("max_message_size", Types.size(1, 1L << 30), 50L << 20)
          .in(LISTENER.scopes())
          .online()
          .manual(
              "The largest message taken; larger ones are refused with 552 5.3.4. It is never more than"
                  + " seven eighths of memory_limit.");

  static final Option<Integer> MAX_RECIPIENTS =
      Option.of("max_recipients_per_message", Types.int32(100, 10_000), 1_000)
          .in(LISTENER.scopes())
          .online()
          .manual("The most recipients of one message; further ones get 452 4.5.3.");

  static final Option<Integer> MAX_RECEPTIONS =
      Option.of("max_receptions_per_connection", Types.int32(0, Integer.MAX_VALUE), 0)
          .in(LISTENER.scopes())
          .online()
          .manual("The most messages of one connection, after which it gets 421. 0: no limit.");

  static final Option<Integer> MAX_RECEIVED_HEADERS =
      Option.of("max_received_headers", Types.int32(1, 10_000), 100)
          .in(LISTENER.scopes())
          .online()
          .manual(
              "A message with more Received fields is taken to loop and refused with 554 5.4.6.");

  static final Option<Integer> MAX_ERRORS =
      Option.of("max_errors", Types.int32(1, 10_000), 20)
          .in(LISTENER.scopes())
          .online()
          .manual("A connection with more refused commands is closed with 421 4.7.0.");

  static final Option<Integer> MAX_JUNK_COMMANDS =
      Option.of("max_junk_commands", Types.int32(1, 100_000), 100)
          .in(LISTENER.scopes())
          .online()
          .manual(
              "A connection with more commands between two messages that bring none nearer (NOOP,"
                  + " RSET, VRFY, HELP, EHLO, HELO) is closed with 421 4.7.0.");

  static final Option<Long> IDLE_TIME =
      Option.of(
              "idle_time",
              Types.duration(SECONDS, SHORTEST_NANOS, LONGEST_NANOS),
              MINUTES.toNanos(5))
          .in(LISTENER.scopes())
          .online()
          .manual("How long a client may take for its next command.");

  static final Option<Long> DATA_IDLE_TIME =
      Option.of(
              "data_idle_time",
              Types.duration(SECONDS, SHORTEST_NANOS, LONGEST_NANOS),
              MINUTES.toNanos(3))
          .in(LISTENER.scopes())
          .online()
          .manual("How long a client may pause within a message.");

  static final Option<Long> DATA_TIME =
      Option.of(
              "data_time",
              Types.duration(SECONDS, SHORTEST_NANOS, LONGEST_NANOS),
              MINUTES.toNanos(30))
          .in(LISTENER.scopes())
          .online()
          .manual("How long a client may take for a whole message.");

  /** What becomes of a CR or LF that stands alone. */
  enum LineBreakPolicy {
    REJECT,
    REPAIR
  }

  static final Option<LineBreakPolicy> LONE_LINE_BREAKS =
      Option.of("lone_line_breaks", Types.choice(LineBreakPolicy.class), LineBreakPolicy.REJECT)
          .in(LISTENER.scopes())
          .online()
          .manual(
              "A CR or LF that stands alone in a message: reject refuses the message with 554 5.6.0,"
                  + " repair makes each of them CR LF. Neither ever ends a message.");

  static final Option<Boolean> TRACE_HEADERS =
      Option.of("trace_headers", Types.bool(), true)
          .in(LISTENER.scopes())
          .online()
          .manual("Whether a Received field is put before each message.");

  static final Option<Boolean> AUTH_REQUIRED =
      Option.of("auth_required", Types.bool(), false)
          .in(LISTENER.scopes())
          .online()
          .manual(
              "Whether a client has to log in before it sends mail, as on port 587; else MAIL gets 530"
                  + " 5.7.0. Whoever has logged in may send to any domain.");

  static final Option<List<Cidr>> RELAY_HOSTS =
      Option.of("relay_hosts", Types.list(Types.cidr()), List.<Cidr>of())
          .in(LISTENER.scopes())
          .online()
          .manual("Networks whose clients may send to any domain.");

  static final Option<List<String>> RELAY_DOMAINS =
      Option.of("relay_domains", Types.list(Types.domain()), List.<String>of())
          .in(LISTENER.scopes())
          .online()
          .manual("Domains that any client may send to, in either spelling.");

  private SmtpOptions() {}

  /** Adds them to a schema. */
  public static void declare(Schema.Builder schema) {
    schema
        .listener(LISTENER)
        .options(
            BANNER_HOSTNAME,
            MAX_MESSAGE_SIZE,
            MAX_RECIPIENTS,
            MAX_RECEPTIONS,
            MAX_RECEIVED_HEADERS,
            MAX_ERRORS,
            MAX_JUNK_COMMANDS,
            IDLE_TIME,
            DATA_IDLE_TIME,
            DATA_TIME,
            LONE_LINE_BREAKS,
            TRACE_HEADERS,
            AUTH_REQUIRED,
            RELAY_HOSTS,
            RELAY_DOMAINS)
        .check(SmtpOptions::check);
  }

  /** A listener that demands what nobody can do takes no mail at all. */
  private static List<ConfigError> check(Generation generation) {
    var errors = new ArrayList<ConfigError>();
    boolean accounts = generation.global().get(AuthOptions.ACCOUNTS_FILE).isPresent();
    for (var listener : generation.listeners(LISTENER)) {
      for (var listen : listener.listens()) {
        var required = listen.scope().find(AUTH_REQUIRED);
        if (required.value() && !accounts) {
          required
              .at()
              .ifPresent(
                  at -> errors.add(new ConfigError(at, "auth_required without an accounts_file")));
        }
      }
    }
    return errors;
  }

  /**
   * The policy for a peer.
   *
   * @param largestBytes no message above it is taken, whatever the option says
   */
  static SmtpPolicy policy(Scope scope, String hostname, long largestBytes) {
    var relayDomains = new LinkedHashSet<>(scope.get(RELAY_DOMAINS));
    var banner = scope.get(BANNER_HOSTNAME);
    return new SmtpPolicy(
        banner.orElse(hostname),
        Math.min(scope.get(MAX_MESSAGE_SIZE), largestBytes),
        scope.get(MAX_RECIPIENTS),
        scope.get(MAX_RECEPTIONS),
        scope.get(MAX_RECEIVED_HEADERS),
        scope.get(MAX_ERRORS),
        scope.get(MAX_JUNK_COMMANDS),
        scope.get(IDLE_TIME),
        scope.get(DATA_IDLE_TIME),
        scope.get(DATA_TIME),
        scope.get(LONE_LINE_BREAKS) == LineBreakPolicy.REPAIR,
        scope.get(TRACE_HEADERS),
        scope.get(AUTH_REQUIRED),
        AuthOptions.policy(scope),
        scope.get(RELAY_HOSTS),
        relayDomains);
  }
}
