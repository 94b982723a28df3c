package org.flywheelmta.torture;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes in bytes: {@code 700MB}, {@code 64KB}, {@code 1GB}, {@code 4096}. */
final class SizeWords implements ITypeConverter<Long> {
  private static final int DIGITS_MAX = 9;

  @Override
  public Long convert(String text) {
    int digits = 0;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    long unit =
        switch (text.substring(digits).toUpperCase(Locale.ROOT)) {
          case "", "B" -> 1L;
          case "KB" -> 1_000L;
          case "MB" -> 1_000_000L;
          case "GB" -> 1_000_000_000L;
          default -> 0L;
        };
    if (digits == 0 || digits > DIGITS_MAX || unit == 0) {
      throw new TypeConversionException("'" + text + "' is not a size such as 700MB or 4096");
    }
    return Long.parseLong(text.substring(0, digits)) * unit;
  }
}
