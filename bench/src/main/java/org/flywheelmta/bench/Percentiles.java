package org.flywheelmta.bench;

import java.util.List;
import java.util.Locale;
import org.flywheelmta.torture.Latencies;
import tools.jackson.core.JsonGenerator;

/**
 * How long many waited, in microseconds; all 0 where nobody did.
 *
 * @param count how many they were
 */
record Percentiles(long count, long p50, long p90, long p99, long p999, long max) {
  /** The head of a table of these, behind its first column. */
  static final List<String> HEAD = List.of("p50", "p90", "p99", "p99.9", "max", "of");

  private static final double MILLI = 1e3;

  /** Of those that were added until now. */
  static Percentiles of(Latencies times) {
    return new Percentiles(
        times.count(),
        times.micros(50),
        times.micros(90),
        times.micros(99),
        times.micros(99.9),
        times.maxMicros());
  }

  /** Milliseconds as words, and how many they are of. */
  List<String> words() {
    if (count == 0) {
      return List.of("-", "-", "-", "-", "-", "0");
    }
    return List.of(
        millis(p50),
        millis(p90),
        millis(p99),
        millis(p999),
        millis(max),
        String.format(Locale.ROOT, "%,d", count));
  }

  private static String millis(long micros) {
    return String.format(Locale.ROOT, "%.2f", micros / MILLI);
  }

  /** As an object of that name. */
  void write(JsonGenerator json, String name) {
    json.writeObjectPropertyStart(name);
    json.writeNumberProperty("count", count);
    json.writeNumberProperty("p50_micros", p50);
    json.writeNumberProperty("p90_micros", p90);
    json.writeNumberProperty("p99_micros", p99);
    json.writeNumberProperty("p999_micros", p999);
    json.writeNumberProperty("max_micros", max);
    json.writeEndObject();
  }
}
