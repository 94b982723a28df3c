package org.flywheelmta.sim;

import java.util.ArrayDeque;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/** A pool whose threads the driver steps: one takes a job, works some virtual time, completes. */
@NonThreadSafe
final class SimThreadPool implements ThreadPool {
  private final SimPlatform machine;
  private final String name;
  private final int backlog;
  private final ArrayDeque<Waiting<?>> waiting = new ArrayDeque<>();

  SimThreadPool(SimPlatform machine, String name, int backlog) {
    this.machine = machine;
    this.name = name;
    this.backlog = backlog;
  }

  @Override
  public <T> boolean submit(Scheduler asker, Job<T> job) {
    if (waiting.size() >= backlog) {
      return false;
    }
    waiting.add(new Waiting<>(asker, job));
    return true;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int waiting() {
    return waiting.size();
  }

  private record Waiting<T>(Scheduler asker, Job<T> job) {
    void run() {
      T result;
      try {
        result = job.work();
      } catch (Exception failure) {
        asker.post(() -> job.onFailed(failure));
        return;
      }
      asker.post(() -> job.onDone(result));
    }
  }

  /** One thread of the pool. */
  @NonThreadSafe
  final class PoolThread implements Actor {
    private final String threadName;
    private final int number;
    private @Nullable Waiting<?> taken;
    private long busyUntil;

    PoolThread(String threadName, int number) {
      this.threadName = threadName;
      this.number = number;
    }

    @Override
    public SimPlatform machine() {
      return machine;
    }

    @Override
    public int number() {
      return number;
    }

    @Override
    public String name() {
      return threadName;
    }

    @Override
    public boolean ready(long nowNanos) {
      return taken == null ? !waiting.isEmpty() : busyUntil <= nowNanos;
    }

    @Override
    public long deadlineNanos() {
      return taken == null ? NEVER : busyUntil;
    }

    @Override
    public String step(long nowNanos) {
      var job = taken;
      if (job == null) {
        taken = waiting.poll();
        busyUntil = nowNanos + machine.jobNanos();
        return "take";
      }
      taken = null;
      try {
        job.run();
      } catch (Throwable fault) {
        machine.world().onFault(threadName, fault);
      }
      return "work";
    }
  }
}
