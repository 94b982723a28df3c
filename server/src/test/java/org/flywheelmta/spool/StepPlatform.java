package org.flywheelmta.spool;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.scheduler.Duty;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.PoolStatistics;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.flywheelmta.scheduler.Worker;

/** Workers, pools and schedulers that a test steps by hand, on its own thread and clock. */
@NonThreadSafe
final class StepPlatform implements Platform, Clock, Randomness {
  private static final int STEPS_AT_MOST = 100_000;

  private final SplittableRandom random;
  private final List<StepWorker> workers = new ArrayList<>();
  private final List<EmbeddedChannel> channels = new ArrayList<>();
  private final ArrayDeque<Runnable> jobs = new ArrayDeque<>();
  private long nowNanos;

  StepPlatform(long seed) {
    random = new SplittableRandom(seed);
  }

  @Override
  public Clock clock() {
    return this;
  }

  @Override
  public Randomness randomness() {
    return this;
  }

  @Override
  public long nanoTime() {
    return nowNanos;
  }

  @Override
  public long wallMicros() {
    return 1_700_000_000_000_000L + nowNanos / 1000;
  }

  @Override
  public RandomGenerator generator(String owner) {
    return random.split();
  }

  @Override
  public long secret() {
    return random.nextLong();
  }

  @Override
  public List<Scheduler> schedulers(String pool, int concurrency) {
    var made = new ArrayList<Scheduler>();
    for (int i = 0; i < concurrency; i++) {
      var channel = new EmbeddedChannel();
      channels.add(channel);
      made.add(
          new Scheduler(
              pool + "-" + i,
              i,
              channel.eventLoop(),
              this,
              generator(pool),
              (where, fault) -> {
                throw new AssertionError("a task threw on " + where, fault);
              }));
    }
    return made;
  }

  @Override
  public ThreadPool threadPool(String name, int concurrency, int backlog) {
    return new ThreadPool() {
      @Override
      public <T> boolean submit(Scheduler asker, Job<T> job) {
        return jobs.size() < backlog && jobs.add(() -> run(asker, job));
      }

      @Override
      public void resize(int threads) {
        throw new UnsupportedOperationException("the spool does not resize its pool");
      }

      @Override
      public PoolStatistics statistics() {
        throw new UnsupportedOperationException("the spool does not ask what its pool does");
      }

      @Override
      public String name() {
        return name;
      }

      @Override
      public int waiting() {
        return jobs.size();
      }
    };
  }

  private static <T> void run(Scheduler asker, Job<T> job) {
    try {
      var result = job.work();
      asker.post(() -> job.onDone(result));
    } catch (Exception failure) {
      asker.post(() -> job.onFailed(failure));
    }
  }

  @Override
  public Worker worker(String name, Duty duty) {
    var worker = new StepWorker(duty);
    workers.add(worker);
    return worker;
  }

  /** Runs everything that can run now. */
  void settle() {
    for (int steps = 0; steps < STEPS_AT_MOST; steps++) {
      boolean ran = false;
      for (var worker : workers) {
        ran |= worker.runIfDue();
      }
      var job = jobs.poll();
      if (job != null) {
        job.run();
        ran = true;
      }
      for (var channel : channels) {
        channel.runPendingTasks();
      }
      if (!ran) {
        return;
      }
    }
    throw new AssertionError("workers never come to rest");
  }

  /** Lets time pass, millisecond by millisecond. */
  void advanceMillis(long millis) {
    for (long i = 0; i < millis; i++) {
      nowNanos += 1_000_000;
      if (isAnyDue()) {
        settle();
      }
    }
    settle();
  }

  private boolean isAnyDue() {
    for (var worker : workers) {
      if (worker.isDue()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
  }

  /** A worker whose passes a test makes. */
  final class StepWorker implements Worker {
    private final Duty duty;
    private boolean woken = true;
    private boolean closed;
    private long dueNanos = Long.MAX_VALUE;

    private StepWorker(Duty duty) {
      this.duty = duty;
    }

    private boolean isDue() {
      return !closed && (woken || dueNanos <= nowNanos);
    }

    private boolean runIfDue() {
      if (!isDue()) {
        return false;
      }
      woken = false;
      long delay = duty.run(nowNanos);
      dueNanos = delay == Duty.UNTIL_WOKEN ? Long.MAX_VALUE : nowNanos + delay;
      return true;
    }

    @Override
    public void wake() {
      woken = true;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
