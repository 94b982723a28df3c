package org.flywheelmta.sim;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.ManualIoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.NonThreadSafe;

/**
 * A Netty loop that the driver steps, one task at a time.
 *
 * <p>All loops of a world share one thread, so {@link #inEventLoop()} asks which loop is being
 * stepped: calls between loops are handed over as they are between threads. The loop's own queue is
 * taken from Netty at the first pass, so that a step runs exactly one task and sees what it throws,
 * which Netty would only log.
 */
@NonThreadSafe
final class SimLoop extends ManualIoEventLoop implements Actor {
  private final SimPlatform machine;
  private final SimWorld world;
  private final String name;
  private final int number;
  private Queue<Runnable> tasks = new ArrayDeque<>();

  SimLoop(SimPlatform machine, String name, int number) {
    super(null, Thread.currentThread(), executor -> new NoHandles(), machine.world().simClock());
    this.machine = machine;
    this.world = machine.world();
    this.name = name;
    this.number = number;
    var outer = world.enter(this);
    try {
      runNow();
    } finally {
      world.leave(outer);
    }
  }

  @Override
  protected boolean fetchFromScheduledTaskQueue(Queue<Runnable> queue) {
    tasks = queue;
    return super.fetchFromScheduledTaskQueue(queue);
  }

  @Override
  public boolean inEventLoop() {
    return world.current() == this;
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    // What a scheduled task throws ends in its future, where nobody looks.
    return super.schedule(() -> runGuarded(command), delay, unit);
  }

  private void runGuarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable fault) {
      world.onFault(name, fault);
    }
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
    return name;
  }

  @Override
  public boolean ready(long nowNanos) {
    return !tasks.isEmpty() || deadlineNanos() <= nowNanos;
  }

  @Override
  public long deadlineNanos() {
    long deadline = nextScheduledTaskDeadlineNanos();
    return deadline == -1 ? NEVER : deadline;
  }

  @Override
  public String step(long nowNanos) {
    var outer = world.enter(this);
    try {
      super.fetchFromScheduledTaskQueue(tasks);
      var task = tasks.poll();
      if (task != null) {
        runGuarded(task);
      }
    } finally {
      world.leave(outer);
    }
    return "task";
  }

  @Override
  public String toString() {
    return name;
  }

  /** Simulated channels need no I/O handles; real ones are refused. */
  private static final class NoHandles implements IoHandler {
    @Override
    public int run(IoHandlerContext context) {
      return 0;
    }

    @Override
    public IoRegistration register(IoHandle handle) {
      throw new UnsupportedOperationException("a real channel on a simulated loop");
    }

    @Override
    public void wakeup() {
      // The driver looks at every loop's queue before each step.
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
      return false;
    }
  }
}
