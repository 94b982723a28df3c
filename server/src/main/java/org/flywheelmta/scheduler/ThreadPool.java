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

  /**
   * Changes how many threads it may have, from any thread, while jobs run and wait. A larger pool
   * takes up waiting jobs at once; of a smaller one, threads end after the job that they run. No
   * job is lost, refused or run twice by it. It does not wait.
   *
   * @param concurrency how many threads; at least 1
   */
  void resize(int concurrency);

  /** What it does now and has done, from any thread. */
  PoolStatistics statistics();

  /** The name that configuration and statistics know it by. */
  String name();

  /** How many jobs wait for a thread. */
  int waiting();
}
