package org.flywheelmta.scheduler;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * A pool of threads with a bounded backlog; a full backlog refuses. Submitting takes no lock.
 *
 * <p>Threads start when jobs wait that no idle thread will take, and end when they have been idle
 * for {@link #IDLE_SECONDS} or are too many. Whoever ends looks once more whether a job waits,
 * after it has ceased to count; whoever submits looks whether a thread is missing, after its job
 * counts. So one of the two sees the other, and no job waits for a thread that is gone.
 */
@ConcurrentThreadSafe
final class BoundedThreadPool implements ThreadPool {
  private static final long IDLE_SECONDS = 30;

  private final String name;
  private final int backlog;
  private final Clock clock;
  private final FaultHandler faults;
  private final DefaultThreadFactory factory;
  private final LinkedTransferQueue<Entry> queue = new LinkedTransferQueue<>();
  private final AtomicInteger concurrency;
  private final AtomicInteger threads = new AtomicInteger();
  private final AtomicInteger idle = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger busy = new AtomicInteger();
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong longestWaitNanos = new AtomicLong();
  private volatile boolean closed;

  BoundedThreadPool(String name, int concurrency, int backlog, Clock clock, FaultHandler faults) {
    Check.that(concurrency > 0 && backlog > 0, "a thread pool without threads or backlog");
    this.name = name;
    this.concurrency = new AtomicInteger(concurrency);
    this.backlog = backlog;
    this.clock = clock;
    this.faults = faults;
    this.factory = new DefaultThreadFactory(name, true);
  }

  /** What threads take from the queue. */
  private sealed interface Entry {
    /** Makes an idle thread look whether it should end. */
    record Nudge() implements Entry {}

    /** A job that waits. */
    record Waiting<T>(Scheduler asker, Job<T> job, long sinceNanos) implements Entry {
      /** Runs it; the result is the completion for the asker. */
      Runnable work() {
        try {
          T result = job.work();
          return () -> job.onDone(result);
        } catch (Exception failure) {
          return () -> job.onFailed(failure);
        }
      }
    }
  }

  @Override
  public <T> boolean submit(Scheduler asker, Job<T> job) {
    if (closed || !reserve()) {
      refused.incrementAndGet();
      return false;
    }
    taken.incrementAndGet();
    queue.offer(new Entry.Waiting<>(asker, job, clock.nanoTime()));
    startThreads();
    return true;
  }

  private boolean reserve() {
    while (true) {
      int now = waiting.get();
      if (now >= backlog) {
        return false;
      }
      if (waiting.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  @Override
  public void resize(int newConcurrency) {
    Check.that(newConcurrency > 0, "a thread pool without threads");
    concurrency.set(newConcurrency);
    startThreads();
    nudge(threads.get() - newConcurrency);
  }

  private void nudge(int count) {
    for (int i = 0; i < count; i++) {
      queue.offer(new Entry.Nudge());
    }
  }

  /** Starts threads until there are enough for what waits, or as many as there may be. */
  private void startThreads() {
    while (waiting.get() > idle.get()) {
      int now = threads.get();
      if (now >= concurrency.get()) {
        return;
      }
      if (threads.compareAndSet(now, now + 1)) {
        // It counts as idle from here on, so that no second thread starts for the same job.
        idle.incrementAndGet();
        start();
      }
    }
  }

  private void start() {
    boolean started = false;
    try {
      factory.newThread(this::loop).start();
      started = true;
    } finally {
      if (!started) {
        threads.decrementAndGet();
        idle.decrementAndGet();
      }
    }
  }

  private void loop() {
    while (!tooMany()) {
      var entry = next();
      if (entry instanceof Entry.Waiting<?> job) {
        idle.decrementAndGet();
        perform(job);
        idle.incrementAndGet();
      } else if (entry == null) {
        end();
        return;
      }
    }
  }

  private @Nullable Entry next() {
    try {
      return closed ? queue.poll() : queue.poll(IDLE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      // Nobody interrupts it but a job that left the mark behind.
      return new Entry.Nudge();
    }
  }

  /** This thread ceases to count; a job that came meanwhile gets another. */
  private void end() {
    threads.decrementAndGet();
    idle.decrementAndGet();
    startThreads();
  }

  /** Whether this thread is one too many; then it has ceased to count. */
  private boolean tooMany() {
    while (true) {
      int now = threads.get();
      if (now <= concurrency.get()) {
        return false;
      }
      if (threads.compareAndSet(now, now - 1)) {
        idle.decrementAndGet();
        // The pool may have grown again since it was read.
        startThreads();
        return true;
      }
    }
  }

  private void perform(Entry.Waiting<?> job) {
    long waitedNanos = clock.nanoTime() - job.sinceNanos();
    longestWaitNanos.accumulateAndGet(waitedNanos, Math::max);
    busy.incrementAndGet();
    waiting.decrementAndGet();
    try {
      Runnable completion;
      try {
        completion = job.work();
      } finally {
        // Counted before its asker hears of it: nobody sees a job that is done as busy.
        completed.incrementAndGet();
        busy.decrementAndGet();
      }
      job.asker().post(completion);
    } catch (RejectedExecutionException gone) {
      // At a stop the asker may end before the job does; nobody wants to know then.
      if (!closed) {
        faults.onFault(this, gone);
      }
    } catch (Throwable fault) {
      faults.onFault(this, fault);
    }
  }

  @Override
  public PoolStatistics statistics() {
    return new PoolStatistics(
        concurrency.get(),
        threads.get(),
        busy.get(),
        waiting.get(),
        taken.get(),
        completed.get(),
        refused.get(),
        Math.max(longestWaitNanos.get(), oldestWaitNanos()));
  }

  private long oldestWaitNanos() {
    for (var entry : queue) {
      if (entry instanceof Entry.Waiting<?> job) {
        return clock.nanoTime() - job.sinceNanos();
      }
    }
    return 0;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int waiting() {
    return waiting.get();
  }

  /** Takes no more jobs; what it has taken runs, and then its threads end. */
  void close() {
    closed = true;
    nudge(threads.get());
  }

  @Override
  public String toString() {
    return name;
  }
}
