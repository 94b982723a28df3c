package org.flywheelmta.scheduler;

import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * A visit to many things that is asked for more often than it can be made: it goes in bounded
 * steps, one per turn of the scheduler, and begins at most every {@link #LEAST_NANOS}. What is
 * asked for while it goes on makes one more.
 */
@NonThreadSafe(checked = true)
public final class Walk {
  /** The least time between the beginnings of two walks. */
  public static final long LEAST_NANOS = 50_000_000;

  /** One way through what there is to visit. */
  @FunctionalInterface
  public interface Visit {
    /** Visits a bounded number; returns true when there is more. */
    boolean step();
  }

  /** Begins a visit to what there is now. */
  @FunctionalInterface
  public interface Start {
    Visit begin();
  }

  private final Scheduler scheduler;
  private final Start start;
  private final Runnable step = this::step;
  private final TimedEvent later = TimedEvent.of(_ -> begin());
  private @Nullable Visit visit;
  private boolean again;
  private boolean stopped;
  private long earliestNanos;

  /** A walk that begins when it is asked for. */
  public Walk(Scheduler scheduler, Start start) {
    this.scheduler = scheduler;
    this.start = start;
    this.earliestNanos = scheduler.nanoTime();
  }

  /** Sees to it that everything is visited after this call. */
  public void ask() {
    scheduler.check();
    if (stopped) {
      return;
    }
    if (visit != null) {
      again = true;
    } else if (!later.armed()) {
      long wait = earliestNanos - scheduler.nanoTime();
      if (wait > 0) {
        scheduler.arm(later, wait);
      } else {
        begin();
      }
    }
  }

  /** Ends it; it begins no more. */
  public void stop() {
    scheduler.check();
    stopped = true;
    visit = null;
    scheduler.disarm(later);
  }

  private void begin() {
    earliestNanos = scheduler.nanoTime() + LEAST_NANOS;
    visit = start.begin();
    step();
  }

  private void step() {
    var current = visit;
    if (current == null) {
      return;
    }
    if (current.step()) {
      scheduler.post(step);
      return;
    }
    visit = null;
    if (again) {
      again = false;
      ask();
    }
  }
}
