package org.flywheelmta.bounce;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * The options of one recipient's domain that notifications follow.
 *
 * @param generated {@code generate_bounces}: whether there are any
 * @param from {@code bounce_from}: the address in From
 * @param quoting {@code bounce_quoting}: how much of the mail is quoted where its sender does not
 *     say
 * @param quotingLimitBytes {@code bounce_quoting_limit}: the largest mail that is quoted as a whole
 * @param delayNanos {@code delay_notification}: how long after its acceptance a mail is late; 0 for
 *     never
 */
@ReadOnlyThreadSafe
public record BouncePolicy(
    boolean generated, String from, Quoting quoting, long quotingLimitBytes, long delayNanos) {
  /** How much of the mail is quoted. */
  public enum Quoting {
    NONE,
    HEADERS,
    FULL
  }
}
