package org.flywheelmta.scheduler;

import org.flywheelmta.base.ConcurrentThreadSafe;

/** Told of a task that threw where nothing may throw: a bug of Flywheel. */
@ConcurrentThreadSafe
@FunctionalInterface
public interface FaultHandler {
  /**
   * Called on the thread on which it happened.
   *
   * @param where the scheduler, pool or worker on which it happened
   * @param fault what was thrown
   */
  void onFault(Object where, Throwable fault);
}
