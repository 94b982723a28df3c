package org.flywheelmta.domain;

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
  private final Runnable onStep;
  private final TimedEvent event = TimedEvent.of(this::look);
  private long offsetMicros;

  ClockWatch(Scheduler scheduler, Runnable onStep) {
    this.scheduler = scheduler;
    this.onStep = onStep;
  }

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
