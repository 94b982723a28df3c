package org.flywheelmta.smtp;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.ManualIoEventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Clock;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/** One scheduler in the test's own thread, with a clock that the test moves. */
final class ClientLoop {
  private final Time time = new Time();
  private final ManualIoEventLoop loop =
      new ManualIoEventLoop(null, Thread.currentThread(), executor -> new NoIo(), time);
  private @Nullable Throwable fault;
  private final Scheduler scheduler =
      new Scheduler(
          "test-0", 0, loop, time, new SplittableRandom(1), (where, thrown) -> fault = thrown);

  Scheduler scheduler() {
    return scheduler;
  }

  /** Runs what is due now. */
  void run() {
    while (loop.runNow() > 0) {
      // What ran may have made more due.
    }
    if (fault != null) {
      throw new AssertionError("a task threw", fault);
    }
  }

  /** Lets time pass, and a tick of the wheel more. */
  void pass(long nanos) {
    time.nanos += nanos + TimeUnit.MILLISECONDS.toNanos(2);
    run();
  }

  /** The clock of both scheduler and loop. */
  private static final class Time implements Clock, Ticker {
    private long nanos = TimeUnit.SECONDS.toNanos(1);

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public long wallMicros() {
      return nanos / 1000;
    }

    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
      throw new UnsupportedOperationException("nobody sleeps here");
    }
  }

  /** The test's channels need no I/O of the loop. */
  private static final class NoIo implements IoHandler {
    @Override
    public int run(IoHandlerContext context) {
      return 0;
    }

    @Override
    public IoRegistration register(IoHandle handle) {
      throw new UnsupportedOperationException("no real sockets here");
    }

    @Override
    public void wakeup() {
      // The test runs the loop itself.
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
      return false;
    }
  }
}
