package org.flywheelmta.sim;

import java.util.Arrays;
import org.flywheelmta.base.NonThreadSafe;

/** Every step of a run folded into 64 bits, with the last ones kept readable. */
@NonThreadSafe
final class Trace {
  private static final int KEPT = 256;

  private final long[] times = new long[KEPT];
  private final String[] actors = new String[KEPT];
  private final String[] kinds = new String[KEPT];
  private final long[] details = new long[KEPT];
  private long hash = 0x9e3779b97f4a7c15L;
  private long steps;

  Trace() {
    Arrays.fill(actors, "");
    Arrays.fill(kinds, "");
  }

  /**
   * @param actor who did it
   * @param number the actor's or the connection's number
   * @param kind what was done
   * @param detail a size or another number that belongs to it
   */
  void add(long nowNanos, String actor, int number, String kind, long detail) {
    hash = mix(mix(mix(mix(hash, nowNanos), number), kind.hashCode()), detail);
    int at = (int) (steps % KEPT);
    times[at] = nowNanos;
    actors[at] = actor;
    kinds[at] = kind;
    details[at] = detail;
    steps++;
  }

  long hash() {
    return hash;
  }

  long steps() {
    return steps;
  }

  /** The last steps, oldest first, a line each. */
  String tail(int lines) {
    var text = new StringBuilder();
    for (long i = Math.max(0, steps - Math.min(lines, KEPT)); i < steps; i++) {
      int at = (int) (i % KEPT);
      text.append(seconds(times[at])).append(' ').append(actors[at]).append(' ');
      text.append(kinds[at]);
      if (details[at] != 0) {
        text.append(' ').append(details[at]);
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** Virtual time as people read it. */
  static String seconds(long nanos) {
    long fraction = 1_000_000_000L + nanos % 1_000_000_000L;
    return nanos / 1_000_000_000L + "." + Long.toString(fraction).substring(1);
  }

  /** Folds a number into a hash (the finalizer of SplitMix64). */
  static long mix(long hash, long number) {
    long z = hash * 0x9e3779b97f4a7c15L + number;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
