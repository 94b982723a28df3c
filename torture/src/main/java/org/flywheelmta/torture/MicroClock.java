package org.flywheelmta.torture;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Wall time in microseconds that never steps back within a process: the wall clock is read once,
 * the monotonic clock does the rest. Stamps of generator, sink and killer can so be compared, also
 * between processes of one machine that started without a step of the wall clock between them.
 */
public final class MicroClock {
  @SuppressWarnings("TimeInStaticInitializer") // One moment, kept for good, is the purpose.
  private static final long ORIGIN_MICROS = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());

  private static final long ORIGIN_NANOS = System.nanoTime();

  private MicroClock() {}

  /** Microseconds since 1970. */
  public static long micros() {
    return ORIGIN_MICROS + (System.nanoTime() - ORIGIN_NANOS) / 1_000;
  }
}
