package org.flywheelmta.torture;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that describe a {@link Load}. */
final class LoadOptions {
  private static final Duration UNLIMITED = Duration.ofDays(365);

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

  @Mixin MailOptions mails = new MailOptions(3, 0, 0);

  /** What the options say; {@code unlimited} says whether neither count nor time is needed. */
  Load load(long seed, boolean unlimited) {
    mails.require(unlimited || messages > 0 || time.isPositive(), "say --messages or --time");
    return mails.load(
        sessions,
        messages == 0 ? Long.MAX_VALUE : messages,
        time.isZero() ? UNLIMITED : time,
        rate,
        seed);
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
