package org.flywheelmta.scheduler;

import org.flywheelmta.base.SingleThreadSafe;

/**
 * Work that goes on for as long as the server runs and may block, such as committing to a volume.
 * One {@link Worker} runs it, one pass after another; a simulation steps it pass by pass.
 */
@SingleThreadSafe
@FunctionalInterface
public interface Duty {
  /** What {@link #run} returns when only a {@link Worker#wake} can bring more work. */
  long UNTIL_WOKEN = Long.MAX_VALUE;

  /**
   * Does what there is to do, bounded.
   *
   * @param nowNanos the monotonic clock at the start of the pass
   * @return nanoseconds until it wants to run again without being woken: 0 for at once
   */
  long run(long nowNanos);
}
