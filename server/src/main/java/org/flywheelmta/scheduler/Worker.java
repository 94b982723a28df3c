package org.flywheelmta.scheduler;

import org.flywheelmta.base.ConcurrentThreadSafe;

/** A thread of its own for one {@link Duty}; in a simulation a stepped actor. */
@ConcurrentThreadSafe
public interface Worker {
  /** Makes the duty run soon. A wake-up that arrives during a pass causes one more. */
  void wake();

  /**
   * Ends the worker after the pass that runs, and waits for it. Whoever closes it has made sure
   * that the duty has nothing left to do.
   */
  void close();
}
