package org.flywheelmta.scheduler;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;

/** A worker on a thread of its own, parked while its duty has nothing to do. */
@ConcurrentThreadSafe
final class ThreadWorker implements Worker {
  private final Duty duty;
  private final Clock clock;
  private final FaultHandler faults;
  private final Thread thread;
  private final AtomicBoolean woken = new AtomicBoolean(true);
  private volatile boolean closing;

  ThreadWorker(String name, Duty duty, Clock clock, FaultHandler faults) {
    this.duty = duty;
    this.clock = clock;
    this.faults = faults;
    // One that Netty knows keeps buffers and their shells for use again, without a lock.
    this.thread = new FastThreadLocalThread(this::loop, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void wake() {
    // Read first: under load the flag is set already, and nobody pays for a write or an unpark.
    if (!woken.get() && woken.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  private void loop() {
    while (!closing) {
      // Cleared before the pass: what arrives during the pass causes one more.
      woken.set(false);
      long delayNanos = pass();
      if (delayNanos > 0) {
        park(delayNanos);
      }
    }
  }

  private long pass() {
    try {
      return duty.run(clock.nanoTime());
    } catch (Throwable fault) {
      faults.onFault(this, fault);
      return Duty.UNTIL_WOKEN;
    }
  }

  private void park(long delayNanos) {
    long began = clock.nanoTime();
    while (!woken.get() && !closing) {
      if (delayNanos == Duty.UNTIL_WOKEN) {
        LockSupport.park(this);
      } else {
        long left = delayNanos - (clock.nanoTime() - began);
        if (left <= 0) {
          return;
        }
        LockSupport.parkNanos(this, left);
      }
    }
  }

  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive() && Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return thread.getName();
  }
}
