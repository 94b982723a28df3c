package org.flywheelmta.torture;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * A histogram of times in microseconds, from 1 µs to an hour with three digits; what is outside
 * counts as the nearest bound. Its memory does not grow. Any thread may add; the rest is for when
 * nobody adds any more.
 */
public final class Latencies {
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
  private static final int DIGITS = 3;

  private final ConcurrentHistogram histogram = new ConcurrentHistogram(1, LONGEST_MICROS, DIGITS);

  /** Adds one. */
  public void add(long micros) {
    add(micros, 1);
  }

  void add(long micros, long times) {
    histogram.recordValueWithCount(Math.clamp(micros, 1, LONGEST_MICROS), times);
  }

  /** How many were added. */
  public long count() {
    return histogram.getTotalCount();
  }

  /** The time, in microseconds, that so many of a hundred are not above; 0 where none was added. */
  public long micros(double percentile) {
    return histogram.getValueAtPercentile(percentile);
  }

  /** The longest of all, in microseconds; 0 where none was added. */
  public long maxMicros() {
    return histogram.getMaxValue();
  }

  /** Percentiles in milliseconds, or that there are none. */
  String line() {
    if (count() == 0) {
      return "none";
    }
    return "p50 %s  p90 %s  p99 %s  p99.9 %s  max %s ms  (%d)"
        .formatted(
            millis(micros(50)),
            millis(micros(90)),
            millis(micros(99)),
            millis(micros(99.9)),
            millis(maxMicros()),
            count());
  }

  static String millis(long micros) {
    return micros < 100_000 ? "%.1f".formatted(micros / 1e3) : "%d".formatted(micros / 1_000);
  }
}
