package org.flywheelmta.message;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Dates as header fields have them (RFC 5322 section 3.3), in UTC. */
public final class MailDate {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private MailDate() {}

  /**
   * The date, to the second.
   *
   * @param wallMicros microseconds since 1970
   */
  public static String text(long wallMicros) {
    return DATE.format(Instant.ofEpochSecond(Math.floorDiv(wallMicros, 1_000_000L)));
  }
}
