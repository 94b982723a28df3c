package org.flywheelmta.spool;

import java.util.concurrent.atomic.AtomicInteger;
import org.flywheelmta.base.SingleThreadSafe;

/**
 * How fast the log takes blank segments: a fast log has as many of them at hand as it takes within
 * a second, since its segments come back in bursts, and one that is deleted has to be filled with
 * zeros anew. {@link #taken} is for any thread, the rest for one.
 */
@SingleThreadSafe
final class Turnover {
  /** How many segments it speaks for at most. */
  static final int MOST = 32;

  private static final long WINDOW_NANOS = 1_000_000_000L;

  private final AtomicInteger taken = new AtomicInteger();
  private boolean begun;
  private long windowNanos;
  private int before;

  /** The log has taken a blank segment. */
  void taken() {
    taken.incrementAndGet();
  }

  /** Time has passed. */
  void pass(long nowNanos) {
    long elapsed = nowNanos - windowNanos;
    if (!begun || elapsed >= WINDOW_NANOS) {
      int last = taken.getAndSet(0);
      before = begun && elapsed < 2 * WINDOW_NANOS ? last : 0;
      begun = true;
      windowNanos = nowNanos;
    }
  }

  /** Segments taken within a second lately, at most {@link #MOST}. */
  int lately() {
    return Math.min(MOST, Math.max(before, taken.get()));
  }
}
