package org.flywheelmta.domain;

import java.util.concurrent.atomic.AtomicBoolean;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** A task for one scheduler that may be posted often and is there once. */
@ConcurrentThreadSafe
final class CallBack {
  private final Scheduler scheduler;
  private final Runnable task;
  private final Runnable run = this::run;
  private final AtomicBoolean posted = new AtomicBoolean();

  CallBack(Scheduler scheduler, Runnable task) {
    this.scheduler = scheduler;
    this.task = task;
  }

  void post() {
    if (posted.compareAndSet(false, true)) {
      scheduler.post(run);
    }
  }

  private void run() {
    // Cleared first: whoever posts from here on is heard again.
    posted.set(false);
    task.run();
  }
}
