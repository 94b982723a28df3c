package org.flywheelmta.main;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Wall clock times as people read them. */
final class Times {
  private Times() {}

  /** UTC to the second, such as {@code 2026-11-23T09:00:00Z}. */
  static String text(long wallMicros) {
    return Instant.EPOCH
        .plus(wallMicros, ChronoUnit.MICROS)
        .truncatedTo(ChronoUnit.SECONDS)
        .toString();
  }
}
