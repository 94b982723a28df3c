package org.flywheelmta.torture;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that describe a {@link Load}. */
final class LoadOptions {
  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec;

  @Option(names = "--sessions", paramLabel = "N", description = "Connections kept open.")
  int sessions = 20;

  @Option(
      names = "--messages",
      paramLabel = "N",
      description = "Mails in all; 0 for no such limit.")
  long messages;

  @Option(
      names = "--time",
      paramLabel = "TIME",
      description = "How long to send at most, such as 30s; 0 for no such limit.",
      defaultValue = "0s")
  Duration time = Duration.ZERO;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Mails per second over all sessions; 0 for as fast as they are taken.")
  double rate;

  @Option(
      names = "--recipients",
      paramLabel = "N",
      description = "Each mail has 1 to N recipients.")
  int recipients = 3;

  @Option(
      names = "--refused",
      paramLabel = "SHARE",
      description = "Share of recipients, 0 to 1, whom the sink refuses for good.")
  double refused;

  @Option(
      names = "--domains",
      paramLabel = "N",
      description = "Over how many domains recipients spread.")
  int domains = 10;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      description = "Size of each body; 0 for a mix of 0 to 400,000 bytes.")
  int size;

  @Option(
      names = "--pipelining",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Send MAIL, RCPT and DATA together where the server offers it.")
  boolean pipelining;

  @Option(
      names = "--reply-timeout",
      paramLabel = "TIME",
      description = "How long to wait for a reply.",
      defaultValue = "60s")
  Duration replyTimeout = Duration.ZERO;

  /** What the options say; {@code unlimited} says whether neither count nor time is needed. */
  Load load(long seed, boolean unlimited) {
    require(
        sessions >= 1 && sessions <= Load.SESSIONS_MAX, "--sessions: 1 to " + Load.SESSIONS_MAX);
    require(
        recipients >= 1 && recipients <= Load.RECIPIENTS_MAX,
        "--recipients: 1 to " + Load.RECIPIENTS_MAX);
    require(refused >= 0 && refused <= 1, "--refused: 0 to 1");
    require(domains >= 1, "--domains: at least 1");
    require(size >= 0 && messages >= 0 && rate >= 0, "sizes, counts and rates are not negative");
    require(replyTimeout.isPositive(), "--reply-timeout: more than 0");
    require(unlimited || messages > 0 || time.isPositive(), "say --messages or --time");
    return new Load(
        sessions,
        messages == 0 ? Long.MAX_VALUE : messages,
        time.isZero() ? Duration.ofDays(365) : time,
        rate,
        recipients,
        refused,
        domains,
        size == 0 ? SizeMix.mixed() : SizeMix.fixed(size),
        pipelining,
        replyTimeout,
        seed);
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw usage(spec, message);
    }
  }

  static ParameterException usage(@Nullable CommandSpec spec, String message) {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification of a command");
    }
    return new ParameterException(spec.commandLine(), message);
  }

  /** The given seed, or one from the clock. */
  static long seed(@Nullable Long given) {
    return given != null ? given : MicroClock.micros() & 0xFFFFFFFFL;
  }
}
