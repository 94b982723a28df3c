package org.flywheelmta.scheduler;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;

/** A pool of threads with a bounded backlog; a full backlog refuses. */
@ConcurrentThreadSafe
final class BoundedThreadPool implements ThreadPool {
  private static final long IDLE_SECONDS = 30;

  private final String name;
  private final FaultHandler faults;
  private final ThreadPoolExecutor executor;

  BoundedThreadPool(String name, int concurrency, int backlog, FaultHandler faults) {
    Check.that(concurrency > 0 && backlog > 0, "a thread pool without threads or backlog");
    this.name = name;
    this.faults = faults;
    this.executor =
        new ThreadPoolExecutor(
            concurrency,
            concurrency,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(backlog),
            new DefaultThreadFactory(name, true));
    executor.allowCoreThreadTimeOut(true);
  }

  @Override
  public <T> boolean submit(Scheduler asker, Job<T> job) {
    try {
      executor.execute(() -> perform(asker, job));
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  private <T> void perform(Scheduler asker, Job<T> job) {
    try {
      T result = job.work();
      asker.post(() -> job.onDone(result));
    } catch (Exception failure) {
      asker.post(() -> job.onFailed(failure));
    } catch (Throwable fault) {
      faults.onFault(this, fault);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int waiting() {
    return executor.getQueue().size();
  }

  /** Takes no more jobs; what runs finishes on its own. */
  void close() {
    executor.shutdown();
  }

  @Override
  public String toString() {
    return name;
  }
}
