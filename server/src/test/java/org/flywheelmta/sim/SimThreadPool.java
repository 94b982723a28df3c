package org.flywheelmta.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.PoolStatistics;
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
  private final List<PoolThread> threads = new ArrayList<>();
  private int concurrency;
  private int numbered;
  private long accepted;
  private long completed;
  private long refused;
  private long longestWaitNanos;

  SimThreadPool(SimPlatform machine, String name, int backlog) {
    this.machine = machine;
    this.name = name;
    this.backlog = backlog;
  }

  @Override
  public <T> boolean submit(Scheduler asker, Job<T> job) {
    if (waiting.size() >= backlog) {
      refused++;
      return false;
    }
    accepted++;
    waiting.add(new Waiting<>(asker, job, machine.clock().nanoTime()));
    return true;
  }

  @Override
  public void resize(int newConcurrency) {
    Check.that(newConcurrency > 0, "a thread pool without threads");
    while (threads.size() < newConcurrency) {
      var added = machine.name() + "/" + name + "-" + numbered;
      machine.world().add(new PoolThread(added, machine.world().nextNumber()));
    }
    concurrency = newConcurrency;
    // Those that run a job end after it.
    for (var thread : List.copyOf(threads)) {
      if (threads.size() > concurrency && thread.taken == null) {
        thread.end();
      }
    }
  }

  @Override
  public PoolStatistics statistics() {
    int busy = 0;
    for (var thread : threads) {
      busy += thread.taken == null ? 0 : 1;
    }
    var oldest = waiting.peek();
    long waits = oldest == null ? 0 : machine.clock().nanoTime() - oldest.sinceNanos();
    return new PoolStatistics(
        concurrency,
        threads.size(),
        busy,
        waiting.size(),
        accepted,
        completed,
        refused,
        Math.max(longestWaitNanos, waits));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int waiting() {
    return waiting.size();
  }

  private record Waiting<T>(Scheduler asker, Job<T> job, long sinceNanos) {
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
      threads.add(this);
      numbered++;
      concurrency = threads.size();
    }

    private void end() {
      threads.remove(this);
      machine.remove(this);
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
    public boolean isWorking() {
      return taken != null;
    }

    @Override
    public String step(long nowNanos) {
      var job = taken;
      if (job == null) {
        var next = waiting.remove();
        longestWaitNanos = Math.max(longestWaitNanos, nowNanos - next.sinceNanos());
        taken = next;
        busyUntil = nowNanos + machine.jobNanos();
        return "take";
      }
      taken = null;
      completed++;
      if (threads.size() > concurrency) {
        end();
      }
      try {
        job.run();
      } catch (Throwable fault) {
        machine.world().onFault(threadName, fault);
      }
      return "work";
    }
  }
}
