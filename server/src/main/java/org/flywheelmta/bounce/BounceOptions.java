package org.flywheelmta.bounce;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.Optional;
import org.flywheelmta.bounce.BouncePolicy.Quoting;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Scope;
import org.flywheelmta.config.ScopeKind;
import org.flywheelmta.config.Types;

/** The options of notifications; those of the recipient's domain count. */
public final class BounceOptions {
  private static final long MOST_QUOTED = 64L << 20;

  static final Option<Boolean> GENERATE_BOUNCES =
      Option.of("generate_bounces", Types.bool(), true)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "Whether senders are told by mail of what failed, expired, is late or was passed on to"
                  + " a host that does not tell. The event log has it in any case.");

  static final Option<Optional<String>> BOUNCE_FROM =
      Option.of("bounce_from", Types.optional(Types.mailbox()), Optional.<String>empty())
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "The address in the From of notifications. Where it is not set: MAILER-DAEMON at the"
                  + " option hostname. Their envelope sender is always the null sender.");

  static final Option<Quoting> BOUNCE_QUOTING =
      Option.of("bounce_quoting", Types.choice(Quoting.class), Quoting.HEADERS)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "How much of a mail its notification quotes: none, its headers (64 KiB at most), or full:"
                  + " the whole mail where bounce_quoting_limit allows and it is ASCII, else its"
                  + " headers. What the sender says with RET goes before.");

  static final Option<Long> BOUNCE_QUOTING_LIMIT =
      Option.of("bounce_quoting_limit", Types.size(0, MOST_QUOTED), 256L << 10)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual("The largest mail that a notification quotes as a whole.");

  static final Option<Long> DELAY_NOTIFICATION =
      Option.of("delay_notification", Types.duration(SECONDS, 0, DAYS.toNanos(365)), 0L)
          .in(ScopeKind.DELIVERY)
          .online()
          .manual(
              "How long after its acceptance a failed attempt has the sender of a mail told that it is"
                  + " late, once for each mail. 0: never.");

  static final Option<Integer> BOUNCES_IN_PROGRESS =
      Option.of("bounces_in_progress", Types.int32(1, 100_000), 100)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How many notifications may be under way to the disk at once on each scheduler; the"
                  + " messages of the others wait for their turn. Those that a delivery owes (NOTIFY=SUCCESS)"
                  + " go beside them, as many as deliveries end.");

  private BounceOptions() {}

  /** Adds them to a schema. */
  public static void declare(Schema.Builder schema) {
    schema.options(
        GENERATE_BOUNCES,
        BOUNCE_FROM,
        BOUNCE_QUOTING,
        BOUNCE_QUOTING_LIMIT,
        DELAY_NOTIFICATION,
        BOUNCES_IN_PROGRESS);
  }

  /**
   * The policy of a domain.
   *
   * @param hostname of this server
   */
  public static BouncePolicy policy(Scope domain, String hostname) {
    return new BouncePolicy(
        domain.get(GENERATE_BOUNCES),
        domain.get(BOUNCE_FROM).orElse("MAILER-DAEMON@" + hostname),
        domain.get(BOUNCE_QUOTING),
        domain.get(BOUNCE_QUOTING_LIMIT),
        domain.get(DELAY_NOTIFICATION));
  }

  /** {@code bounces_in_progress}. */
  public static int mostAtOnce(Scope global) {
    return global.get(BOUNCES_IN_PROGRESS);
  }
}
