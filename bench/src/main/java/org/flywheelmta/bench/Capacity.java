package org.flywheelmta.bench;

import java.util.Locale;

/**
 * What a closed loop showed, in mails of a second. A server that takes more than it delivers cannot
 * go on so, hence the lesser of both is what it carries.
 */
record Capacity(int sessions, double acknowledged, double delivered) {
  private static final double HUNDRED = 100;

  double perSecond() {
    return Math.min(acknowledged, delivered);
  }

  /** So many percent of it. */
  double share(double percent) {
    return perSecond() * percent / HUNDRED;
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "capacity, by a closed loop of %d sessions: %,.0f mails/s (acknowledged %,.0f, delivered"
            + " %,.0f)",
        sessions,
        perSecond(),
        acknowledged,
        delivered);
  }
}
