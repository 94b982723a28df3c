package org.flywheelmta.domain;

import java.util.function.BooleanSupplier;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;

/**
 * Notices that the wall clock was set: once a second it compares how far both clocks went. So what
 * waits for a time of the wall clock follows a step within a second.
 */
@NonThreadSafe
final class ClockWatch {
  /** How often it looks. */
  static final long PERIOD_NANOS = 1_000_000_000;

  /** Clocks that differ by less ran on as they should. */
  private static final long TOLERANCE_MICROS = 2000;

  private final Scheduler scheduler;
  private final BooleanSupplier isNeeded;
  private final Runnable onStep;
  private final TimedEvent event = TimedEvent.of(this::look);
  private long offsetMicros;

  /**
   * @param isNeeded whether anything waits; otherwise it ends until the next start
   */
  ClockWatch(Scheduler scheduler, BooleanSupplier isNeeded, Runnable onStep) {
    this.scheduler = scheduler;
    this.isNeeded = isNeeded;
    this.onStep = onStep;
  }

  /** Watches from now on, unless it does already. */
  void start() {
    if (!event.armed()) {
      offsetMicros = offsetMicros();
      scheduler.arm(event, PERIOD_NANOS);
    }
  }

  void stop() {
    scheduler.disarm(event);
  }

  private void look(long nowNanos) {
    if (!isNeeded.getAsBoolean()) {
      return;
    }
    scheduler.arm(event, PERIOD_NANOS);
    long offset = offsetMicros();
    if (Math.abs(offset - offsetMicros) > TOLERANCE_MICROS) {
      offsetMicros = offset;
      onStep.run();
    }
  }

  private long offsetMicros() {
    return scheduler.wallMicros() - scheduler.nanoTime() / 1000;
  }
}
