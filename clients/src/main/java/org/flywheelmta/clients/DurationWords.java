package org.flywheelmta.clients;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as the configuration writes them: {@code 50ms}, {@code 3s}, {@code 2m}, {@code 1h}. */
public final class DurationWords implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    int digits = 0;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    var unit =
        switch (text.substring(digits)) {
          case "ms" -> ChronoUnit.MILLIS;
          case "", "s" -> ChronoUnit.SECONDS;
          case "m" -> ChronoUnit.MINUTES;
          case "h" -> ChronoUnit.HOURS;
          default -> null;
        };
    if (digits == 0 || digits > 9 || unit == null) {
      throw new TypeConversionException("'" + text + "' is not a duration such as 50ms, 3s or 2m");
    }
    return Duration.of(Long.parseLong(text.substring(0, digits)), unit);
  }
}
