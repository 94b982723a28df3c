package org.flywheelmta.auth;

import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * How many failures are borne.
 *
 * @param addressFailures of one address, or one known pair of account and address
 * @param nameFailures of one name, over all addresses
 * @param forgetNanos how long it takes until one of them is forgotten
 * @param failuresPerSecond of all together; ten times as many may come at once
 * @param firstDelayNanos how long the answer to a first failure waits; each further one doubles it
 * @param longestDelayNanos the longest such wait
 */
@ReadOnlyThreadSafe
public record GuessLimits(
    int addressFailures,
    int nameFailures,
    long forgetNanos,
    int failuresPerSecond,
    long firstDelayNanos,
    long longestDelayNanos) {
  /** What counts where nothing is configured. */
  public static final GuessLimits DEFAULT =
      new GuessLimits(
          10,
          20,
          TimeUnit.SECONDS.toNanos(30),
          10,
          TimeUnit.SECONDS.toNanos(1),
          TimeUnit.SECONDS.toNanos(16));

  public GuessLimits {
    Check.that(
        addressFailures > 0 && nameFailures > 0 && failuresPerSecond > 0, "a limit of no failure");
    Check.that(
        forgetNanos > 0 && firstDelayNanos >= 0 && longestDelayNanos >= firstDelayNanos,
        "a negative time of limits");
  }
}
