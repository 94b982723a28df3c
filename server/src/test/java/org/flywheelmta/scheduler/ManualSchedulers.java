package org.flywheelmta.scheduler;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.ManualIoEventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * Schedulers for the tests of one room: several of them on the test's own thread, under a clock
 * that the test moves. What goes wrong in a task fails the test that runs it.
 */
@NonThreadSafe
public final class ManualSchedulers implements Clock {
  private static final long START_WALL_MICROS = 1_800_000_000_000_000L;
  private static final int MOST_ROUNDS = 100_000;

  private final List<Loop> loops = new ArrayList<>();
  private final List<Scheduler> schedulers = new ArrayList<>();
  private long nowNanos = 1_000_000_000L;
  private long wallStepMicros;
  private @Nullable Loop current;
  private @Nullable Throwable fault;

  public ManualSchedulers(int count, long seed) {
    for (int i = 0; i < count; i++) {
      var loop = new Loop(new NoIo());
      loops.add(loop);
      schedulers.add(
          new Scheduler("test-" + i, i, loop, this, new SplittableRandom(seed + i), this::onFault));
    }
  }

  public List<Scheduler> all() {
    return schedulers;
  }

  private void onFault(Object where, Throwable thrown) {
    if (fault == null) {
      fault = thrown;
    }
  }

  @Override
  public long nanoTime() {
    return nowNanos;
  }

  @Override
  public long wallMicros() {
    return START_WALL_MICROS + nowNanos / 1000 + wallStepMicros;
  }

  /** Sets the wall clock, forward or back. */
  public void stepWall(long micros) {
    wallStepMicros += micros;
  }

  /** Runs a task as one of scheduler {@code index}'s, at once. */
  public void on(int index, Runnable task) {
    var before = current;
    current = loops.get(index);
    try {
      task.run();
    } finally {
      current = before;
      loops.get(index).io.woken = true;
    }
  }

  /** Lets scheduler {@code index} not run for a while, or run again. */
  public void stall(int index, boolean stalled) {
    loops.get(index).stalled = stalled;
  }

  /** Runs all that can run without the clock going on. */
  public void run() {
    for (int i = 0; i < MOST_ROUNDS; i++) {
      int ran = 0;
      for (var loop : loops) {
        ran += loop.turn();
      }
      if (fault != null) {
        throw new AssertionError("a task failed", fault);
      }
      if (ran == 0) {
        return;
      }
    }
    throw new AssertionError("the schedulers do not come to rest");
  }

  /** Lets time go on, stopping at whatever is due on the way. */
  public void advance(long nanos) {
    long until = nowNanos + nanos;
    run();
    while (true) {
      long next = Long.MAX_VALUE;
      for (var loop : loops) {
        next = Math.min(next, loop.nextNanos());
      }
      if (next > until) {
        break;
      }
      nowNanos = Math.max(nowNanos, next);
      run();
    }
    nowNanos = until;
  }

  private final class Loop extends ManualIoEventLoop {
    private final NoIo io;
    private boolean stalled;

    Loop(NoIo io) {
      super(null, Thread.currentThread(), executor -> io, new Time());
      this.io = io;
    }

    @Override
    public boolean inEventLoop() {
      return current == this;
    }

    int turn() {
      if (stalled || (!io.woken && nextNanos() > nowNanos)) {
        return 0;
      }
      io.woken = false;
      var before = current;
      current = this;
      try {
        return runNow();
      } finally {
        current = before;
      }
    }

    long nextNanos() {
      long deadline = stalled ? -1 : nextScheduledTaskDeadlineNanos();
      return deadline == -1 ? Long.MAX_VALUE : deadline;
    }
  }

  private final class Time implements Ticker {
    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public long nanoTime() {
      return nowNanos;
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
      throw new UnsupportedOperationException("a test does not sleep");
    }
  }

  private static final class NoIo implements IoHandler {
    private boolean woken;

    @Override
    public int run(IoHandlerContext context) {
      return 0;
    }

    @Override
    public IoRegistration register(IoHandle handle) {
      throw new UnsupportedOperationException("nothing here has a channel");
    }

    @Override
    public void wakeup() {
      woken = true;
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
      return false;
    }
  }
}
