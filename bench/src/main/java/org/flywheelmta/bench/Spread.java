package org.flywheelmta.bench;

import java.util.Locale;
import java.util.stream.DoubleStream;

/** The median of several figures, with the least and the most; all NaN where there are none. */
record Spread(double least, double median, double most) {
  static Spread of(DoubleStream figures) {
    var sorted = figures.filter(Double::isFinite).sorted().toArray();
    int count = sorted.length;
    if (count == 0) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN);
    }
    double median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    return new Spread(sorted[0], median, sorted[count - 1]);
  }

  boolean isKnown() {
    return !Double.isNaN(median);
  }

  /** Such as {@code 12 (10-13)}, by a format of one number. */
  String words(String format) {
    return isKnown()
        ? number(format, median) + " (" + number(format, least) + "-" + number(format, most) + ")"
        : "-";
  }

  /** The median alone. */
  String word(String format) {
    return isKnown() ? number(format, median) : "-";
  }

  private static String number(String format, double number) {
    return String.format(Locale.ROOT, format, number);
  }
}
