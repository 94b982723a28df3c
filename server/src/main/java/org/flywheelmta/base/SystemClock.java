package org.flywheelmta.base;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The machine's clocks. */
@ConcurrentThreadSafe
final class SystemClock implements Clock {
  static final SystemClock INSTANCE = new SystemClock();

  private SystemClock() {}

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public long wallMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
