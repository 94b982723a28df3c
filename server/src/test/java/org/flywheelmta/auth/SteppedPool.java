package org.flywheelmta.auth;

import java.util.ArrayDeque;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.PoolStatistics;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;

/** A pool whose jobs wait for the test, unless they are done as they come. */
@NonThreadSafe
public final class SteppedPool implements ThreadPool {
  private final ArrayDeque<Runnable> jobs = new ArrayDeque<>();

  /** How many jobs it has taken. */
  public int submitted;

  /** Whether it takes no job. */
  public boolean full;

  /** Whether jobs wait for {@link #run}. */
  public boolean holding = true;

  @Override
  public <T> boolean submit(Scheduler asker, Job<T> job) {
    if (full) {
      return false;
    }
    submitted++;
    jobs.add(() -> work(asker, job));
    if (!holding) {
      run();
    }
    return true;
  }

  private static <T> void work(Scheduler asker, Job<T> job) {
    T result;
    try {
      result = job.work();
    } catch (Exception failure) {
      asker.post(() -> job.onFailed(failure));
      return;
    }
    asker.post(() -> job.onDone(result));
  }

  /** Does all jobs that wait; they complete when their askers run. */
  public void run() {
    while (!jobs.isEmpty()) {
      jobs.remove().run();
    }
  }

  @Override
  public void resize(int concurrency) {}

  @Override
  public PoolStatistics statistics() {
    return new PoolStatistics(1, 1, 0, jobs.size(), submitted, 0, 0, 0);
  }

  @Override
  public String name() {
    return "CPU";
  }

  @Override
  public int waiting() {
    return jobs.size();
  }
}
