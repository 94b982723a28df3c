package org.flywheelmta.config;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** Reads and writes whole numbers, durations and sizes. */
final class Numbers {
  private static final String[] TIME_SUFFIXES = {"d", "h", "m", "s", "ms", "us", "ns"};
  private static final TimeUnit[] TIME_UNITS = {
    TimeUnit.DAYS,
    TimeUnit.HOURS,
    TimeUnit.MINUTES,
    TimeUnit.SECONDS,
    TimeUnit.MILLISECONDS,
    TimeUnit.MICROSECONDS,
    TimeUnit.NANOSECONDS
  };
  private static final String SIZE_LETTERS = "kmgt";
  private static final int LONGEST_DIGITS = 19;

  private Numbers() {}

  /** A decimal number with an optional minus, if it fits. */
  static OptionalLong whole(String text) {
    var negative = text.startsWith("-");
    var end = digitsEnd(text, negative ? 1 : 0);
    if (end < text.length() || end == (negative ? 1 : 0) || end > LONGEST_DIGITS + 1) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }

  /** Nanoseconds of {@code 1h30m}: each unit at most once, the greater first. */
  static OptionalLong duration(String text, TimeUnit bareUnit) {
    var bare = whole(text);
    if (bare.isPresent()) {
      return times(bare.getAsLong(), bareUnit.toNanos(1));
    }
    long nanos = 0;
    var unit = -1;
    for (int offset = 0; offset < text.length(); ) {
      var digits = digitsEnd(text, offset);
      var suffix = digits;
      while (suffix < text.length() && !isDigit(text.charAt(suffix))) {
        suffix++;
      }
      var next = timeUnit(Words.fold(text.substring(digits, suffix)));
      var amount = whole(text.substring(offset, digits));
      if (next <= unit || amount.isEmpty()) {
        return OptionalLong.empty();
      }
      var part = times(amount.getAsLong(), TIME_UNITS[next].toNanos(1));
      if (part.isEmpty() || nanos + part.getAsLong() < 0) {
        return OptionalLong.empty();
      }
      nanos += part.getAsLong();
      unit = next;
      offset = suffix;
    }
    return unit < 0 ? OptionalLong.empty() : OptionalLong.of(nanos);
  }

  /** {@code 1h30m} of nanoseconds, which are not negative. */
  static String printDuration(long nanos) {
    var out = new StringBuilder();
    var rest = nanos;
    for (int i = 0; i < TIME_UNITS.length; i++) {
      var unit = TIME_UNITS[i].toNanos(1);
      if (rest >= unit) {
        out.append(rest / unit).append(TIME_SUFFIXES[i]);
        rest %= unit;
      }
    }
    return out.isEmpty() ? "0s" : out.toString();
  }

  private static int timeUnit(String suffix) {
    for (int i = 0; i < TIME_SUFFIXES.length; i++) {
      if (TIME_SUFFIXES[i].equals(suffix)) {
        return i;
      }
    }
    return -1;
  }

  /** Bytes of {@code 10MB}, {@code 64KiB}, {@code 1g} or {@code 512}; K is 1024 in all of them. */
  static OptionalLong size(String text) {
    var digits = digitsEnd(text, 0);
    var number = whole(text.substring(0, digits));
    var suffix = Words.fold(text.substring(digits));
    if (number.isEmpty()) {
      return number;
    }
    if (suffix.isEmpty() || suffix.equals("b")) {
      return number;
    }
    var power = SIZE_LETTERS.indexOf(suffix.charAt(0)) + 1;
    var rest = suffix.substring(1);
    if (power == 0 || !(rest.isEmpty() || rest.equals("b") || rest.equals("ib"))) {
      return OptionalLong.empty();
    }
    return times(number.getAsLong(), 1L << (10 * power));
  }

  /** {@code 10MB}: the greatest unit that divides the bytes, which are not negative. */
  static String printSize(long bytes) {
    var power = 0;
    var rest = bytes;
    while (rest != 0 && rest % 1024 == 0 && power < SIZE_LETTERS.length()) {
      rest /= 1024;
      power++;
    }
    return rest + (power == 0 ? "B" : Character.toUpperCase(SIZE_LETTERS.charAt(power - 1)) + "B");
  }

  private static OptionalLong times(long amount, long unit) {
    var product = Math.multiplyHigh(amount, unit) == (amount * unit) >> 63;
    return product ? OptionalLong.of(amount * unit) : OptionalLong.empty();
  }

  private static int digitsEnd(String text, int from) {
    var end = from;
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
