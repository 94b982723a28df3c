package org.flywheelmta.base;

/**
 * The one door to time. Intervals and deadlines use {@link #nanoTime()}; what is stored or shown to
 * people uses {@link #wallMicros()}, which may step.
 */
@ConcurrentThreadSafe
public interface Clock {
  /** Nanoseconds since an arbitrary fixed point; never steps back, never meaningful elsewhere. */
  long nanoTime();

  /** Microseconds since 1970-01-01T00:00:00Z by the wall clock. */
  long wallMicros();

  /** The machine's clocks. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }
}
