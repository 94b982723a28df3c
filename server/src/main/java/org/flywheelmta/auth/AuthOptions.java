package org.flywheelmta.auth;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Scope;
import org.flywheelmta.config.ScopeKind;
import org.flywheelmta.config.Types;

/** The options of accounts and of authentication. */
public final class AuthOptions {
  private static final int MOST_FAILURES = 100_000;

  /** Where accounts are kept; none where it is not set. */
  public static final Option<Optional<String>> ACCOUNTS_FILE =
      Option.of("accounts_file", Types.optional(Types.string()), Optional.<String>empty())
          .in(ScopeKind.GLOBAL)
          .manual(
              "The file of accounts, which flywheel account writes; a relative path counts from the"
                  + " data folder. A change of the file counts within a second. Where this is not"
                  + " set there are no accounts, and nobody can log in.");

  static final Option<List<Mechanism>> MECHANISMS =
      Option.of(
              "auth_mechanisms",
              Types.list(Types.choice(mechanisms())),
              List.of(
                  Mechanism.SCRAM_SHA_256_PLUS,
                  Mechanism.SCRAM_SHA_256,
                  Mechanism.EXTERNAL,
                  Mechanism.OAUTHBEARER,
                  Mechanism.XOAUTH2,
                  Mechanism.PLAIN,
                  Mechanism.LOGIN))
          .in(ScopeKind.RECEPTION)
          .online()
          .manual(
              "The mechanisms of SASL that may be offered. On a connection those of them are offered"
                  + " that it can bear: with a password or token only over TLS (see"
                  + " auth_allow_clear), EXTERNAL with a client certificate or a Unix socket,"
                  + " SCRAM-SHA-256-PLUS with a channel binding, tokens where something verifies"
                  + " them; no listener has any of these three yet. SCRAM-SHA-1, for old clients, needs accounts that were made with"
                  + " --scram-sha-1.");

  static final Option<Boolean> ALLOW_CLEAR =
      Option.of("auth_allow_clear", Types.bool(), false)
          .in(ScopeKind.RECEPTION)
          .online()
          .manual(
              "Whether PLAIN, LOGIN and tokens are offered where others can read them. Only for"
                  + " listeners whose network nobody else hears, such as loopback.");

  static final Option<Integer> ADDRESS_FAILURES =
      Option.of("auth_address_failures", Types.int32(1, MOST_FAILURES), 10)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How many failed logins of one address (of IPv6 its /64) are borne; further attempts are"
                  + " refused unseen until some are forgotten (auth_forget_time). It also holds for"
                  + " an account and an address that have succeeded together before, which are"
                  + " counted apart from everybody else.");

  static final Option<Integer> NAME_FAILURES =
      Option.of("auth_name_failures", Types.int32(1, MOST_FAILURES), 20)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How many failed logins with one name are borne over all addresses, but for those from"
                  + " which that name has logged in within 30 days.");

  static final Option<Long> FORGET_TIME =
      Option.of(
              "auth_forget_time",
              Types.duration(SECONDS, SECONDS.toNanos(1), DAYS.toNanos(1)),
              SECONDS.toNanos(30))
          .in(ScopeKind.GLOBAL)
          .manual("How long it takes until one failed login is forgotten.");

  static final Option<Integer> FAILURE_RATE =
      Option.of("auth_failure_rate", Types.int32(1, MOST_FAILURES), 10)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How many failed logins a second are borne in all, ten times as many at once. Above it"
                  + " only those can log in who have done so from their address within 30 days. Each"
                  + " failure may cost some 10 ms of a processor.");

  static final Option<Long> FAILURE_DELAY =
      Option.of(
              "auth_failure_delay",
              Types.duration(SECONDS, 0, SECONDS.toNanos(60)),
              SECONDS.toNanos(1))
          .in(ScopeKind.GLOBAL)
          .manual(
              "How long the answer to a first failed login waits. Each further one doubles it, up to 16"
                  + " times.");

  private static final int LONGEST_DELAY_TIMES = 16;

  /** How long the audit is kept. */
  public static final Option<Long> AUDIT_RETENTION =
      Option.of("audit_retention", Types.duration(SECONDS), DAYS.toNanos(90))
          .in(ScopeKind.GLOBAL)
          .manual("How long a file of the audit stays after the next was begun. 0: for ever.");

  /** How much of the audit is kept. */
  public static final Option<Long> AUDIT_TOTAL_SIZE =
      Option.of("audit_total_size", Types.size(0, Long.MAX_VALUE), 1L << 30)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How much all files of the audit may take together; above it the oldest go. 0: no limit.");

  private AuthOptions() {}

  private static SequencedMap<String, Mechanism> mechanisms() {
    var mechanisms = new LinkedHashMap<String, Mechanism>();
    for (var mechanism : Mechanism.values()) {
      mechanisms.put(mechanism.word().toLowerCase(Locale.ROOT), mechanism);
    }
    return mechanisms;
  }

  /** Adds them to a schema. */
  public static void declare(Schema.Builder schema) {
    schema.options(
        ACCOUNTS_FILE,
        MECHANISMS,
        ALLOW_CLEAR,
        ADDRESS_FAILURES,
        NAME_FAILURES,
        FORGET_TIME,
        FAILURE_RATE,
        FAILURE_DELAY,
        AUDIT_RETENTION,
        AUDIT_TOTAL_SIZE);
  }

  /** What a listener offers to a peer. */
  public static AuthPolicy policy(Scope scope) {
    return new AuthPolicy(scope.get(MECHANISMS), scope.get(ALLOW_CLEAR));
  }

  /** How many failures are borne. */
  public static GuessLimits limits(Scope global) {
    long first = global.get(FAILURE_DELAY);
    return new GuessLimits(
        global.get(ADDRESS_FAILURES),
        global.get(NAME_FAILURES),
        global.get(FORGET_TIME),
        global.get(FAILURE_RATE),
        first,
        LONGEST_DELAY_TIMES * first);
  }
}
