package org.flywheelmta.auth;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.flywheelmta.base.ConcurrentThreadSafe;

/**
 * Pairs of account and address that have authenticated: 65,536 of them at most, for 30 days. Only a
 * success writes here. A pair has four places; where all are taken, the one that was used longest
 * ago goes. Without locks, on any thread; of two that write at the same time one may be lost.
 */
@ConcurrentThreadSafe
final class KnownPairs {
  /** How long a success counts, in minutes. */
  static final long MINUTES = TimeUnit.DAYS.toMinutes(30);

  private static final int SETS = 1 << 14;
  private static final int WAYS = 4;
  private static final int TIME_BITS = 20;
  private static final long TIME_MASK = (1L << TIME_BITS) - 1;

  // 44 bits of the pair's hash, and the minute of its last success plus one; 0 for none.
  private final AtomicLongArray places = new AtomicLongArray(SETS * WAYS);

  boolean has(GuessKey pair, long nowNanos) {
    int begin = begin(pair);
    for (int i = begin; i < begin + WAYS; i++) {
      long place = places.get(i);
      if (isOf(place, pair) && age(place, nowNanos) <= MINUTES) {
        return true;
      }
    }
    return false;
  }

  void add(GuessKey pair, long nowNanos) {
    int begin = begin(pair);
    int chosen = begin;
    long oldest = -1;
    for (int i = begin; i < begin + WAYS; i++) {
      long place = places.get(i);
      if (isOf(place, pair)) {
        chosen = i;
        break;
      }
      long age = place == 0 ? Long.MAX_VALUE : age(place, nowNanos);
      if (age > oldest) {
        oldest = age;
        chosen = i;
      }
    }
    places.set(chosen, (pair.second() & ~TIME_MASK) | ((minute(nowNanos) + 1) & TIME_MASK));
  }

  private static int begin(GuessKey pair) {
    return (int) (pair.first() & (SETS - 1)) * WAYS;
  }

  private static boolean isOf(long place, GuessKey pair) {
    return place != 0 && ((place ^ pair.second()) & ~TIME_MASK) == 0;
  }

  private static long age(long place, long nowNanos) {
    return (minute(nowNanos) + 1 - place) & TIME_MASK;
  }

  private static long minute(long nowNanos) {
    return TimeUnit.NANOSECONDS.toMinutes(nowNanos);
  }
}
