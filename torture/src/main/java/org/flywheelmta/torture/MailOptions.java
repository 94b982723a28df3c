package org.flywheelmta.torture;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that say what mails are like and how they are sent. */
final class MailOptions {
  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec;

  @Option(
      names = "--recipients",
      paramLabel = "N",
      description = "Each mail has 1 to N recipients.")
  int recipients;

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

  /** With the values of options that are not given. */
  MailOptions(int recipients, double refused, int size) {
    this.recipients = recipients;
    this.refused = refused;
    this.size = size;
  }

  /**
   * What the options say, with the rest of the load.
   *
   * @param messages mails in all
   * @param limit how long to send at most
   * @param rate mails per second, or 0
   */
  Load load(int sessions, long messages, Duration limit, double rate, long seed) {
    require(
        sessions >= 1 && sessions <= Load.SESSIONS_MAX, "--sessions: 1 to " + Load.SESSIONS_MAX);
    require(
        recipients >= 1 && recipients <= Load.RECIPIENTS_MAX,
        "--recipients: 1 to " + Load.RECIPIENTS_MAX);
    require(refused >= 0 && refused <= 1, "--refused: 0 to 1");
    require(domains >= 1, "--domains: at least 1");
    require(size >= 0 && messages >= 0 && rate >= 0, "sizes, counts and rates are not negative");
    require(replyTimeout.isPositive(), "--reply-timeout: more than 0");
    return new Load(
        sessions,
        messages,
        limit,
        rate,
        recipients,
        refused,
        domains,
        size == 0 ? SizeMix.mixed() : SizeMix.fixed(size),
        pipelining,
        replyTimeout,
        seed);
  }

  void require(boolean holds, String message) {
    if (!holds) {
      throw LoadOptions.usage(spec, message);
    }
  }
}
