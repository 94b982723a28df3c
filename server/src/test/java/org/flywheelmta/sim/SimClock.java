package org.flywheelmta.sim;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;

/**
 * Virtual time. It begins at one second, since Netty's scheduled tasks take a deadline of 0 for one
 * that has passed, and stands still while a step runs.
 */
@ConcurrentThreadSafe
final class SimClock implements Clock, Ticker {
  static final long START_NANOS = 1_000_000_000L;
  // The beginning of 2026.
  private static final long EPOCH_MICROS = 1_767_225_600_000_000L;

  private long nowNanos = START_NANOS;
  private long wallOffsetMicros = EPOCH_MICROS;

  void advanceTo(long nanos) {
    if (nanos < nowNanos) {
      throw new IllegalArgumentException("virtual time would step back");
    }
    nowNanos = nanos;
  }

  void stepWall(long micros) {
    wallOffsetMicros += micros;
  }

  @Override
  public long nanoTime() {
    return nowNanos;
  }

  @Override
  public long wallMicros() {
    return wallOffsetMicros + nowNanos / 1000;
  }

  @Override
  public long initialNanoTime() {
    return 0;
  }

  @Override
  public void sleep(long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("nobody sleeps in a simulation");
  }
}
