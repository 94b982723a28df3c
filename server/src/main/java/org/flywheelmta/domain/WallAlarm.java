package org.flywheelmta.domain;

import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;

/**
 * The timed event of a queue that is ordered by times of the wall clock, armed for the first of
 * them. It runs on the monotonic clock, so nothing comes out early by either clock's reckoning:
 * when it fires and the wall clock is not there yet, it is armed again. {@link #rearm} follows a
 * wall clock that was set forward.
 */
@NonThreadSafe
abstract class WallAlarm extends TimedEvent {
  /** The time that never comes. */
  static final long NEVER = Long.MAX_VALUE;

  /** How many come out in one pass; the rest follows in the next. */
  static final int MOST_PER_PASS = 1000;

  private static final long FURTHEST_MICROS = 366L * 24 * 3600 * 1_000_000;

  final Scheduler scheduler;
  private long armedMicros = NEVER;

  WallAlarm(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** The earliest time in the queue; {@link #NEVER} when it is empty. */
  abstract long firstMicros();

  /** Takes the first out, because its time has come, and acts on it. */
  abstract void onFirstDue();

  /** Called after a pass in which any came out. */
  abstract void afterPass();

  /** Something was added for that time. */
  final void onAdded(long micros) {
    if (micros < armedMicros) {
      rearm();
    }
  }

  /** Arms the event for the first time in the queue, by the wall clock of now. */
  final void rearm() {
    armedMicros = firstMicros();
    if (armedMicros == NEVER) {
      scheduler.disarm(this);
      return;
    }
    long delayMicros = Math.max(0, armedMicros - scheduler.wallMicros());
    scheduler.arm(this, Math.min(delayMicros, FURTHEST_MICROS) * 1000);
  }

  @Override
  protected final void fire(long nowNanos) {
    long wallMicros = scheduler.wallMicros();
    int out = 0;
    while (out < MOST_PER_PASS && firstMicros() <= wallMicros) {
      onFirstDue();
      out++;
    }
    rearm();
    if (out > 0) {
      afterPass();
    }
  }
}
