package org.flywheelmta.scheduler;

import org.flywheelmta.base.ConcurrentThreadSafe;

/** A named pool of threads for jobs that block or need much processor time. */
@ConcurrentThreadSafe
public interface ThreadPool {
  /**
   * Queues a job, first in, first out.
   *
   * @param asker the scheduler on which the job completes
   * @return false when the backlog is full: the job was not taken, and the caller tries later or
   *     refuses
   */
  <T> boolean submit(Scheduler asker, Job<T> job);

  /** The name that configuration and statistics know it by. */
  String name();

  /** How many jobs wait for a thread. */
  int waiting();
}
