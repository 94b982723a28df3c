package org.flywheelmta.scheduler;

import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.BugException;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * One thread that multiplexes time and I/O and never blocks, with everything that belongs to it.
 *
 * <p>Any thread may {@link #post}; all else is for the scheduler's own tasks. Objects that belong
 * to a scheduler take it in their constructor and begin each entry method with {@link #check()}.
 *
 * <p>Posted tasks run in the order in which they arrived, at most {@link #TASKS_PER_PASS} in one
 * pass, so that they never starve I/O and timed events.
 */
@ConcurrentThreadSafe
public final class Scheduler {
  /** How many posted tasks one pass runs at most. */
  public static final int TASKS_PER_PASS = 1024;

  private static final int INBOX_CHUNK = 1024;

  private final String name;
  private final int index;
  private final EventLoop loop;
  private final Clock clock;
  private final RandomGenerator random;
  private final FaultHandler faults;
  private final MpscUnboundedArrayQueue<Runnable> inbox =
      new MpscUnboundedArrayQueue<>(INBOX_CHUNK);
  private final AtomicBoolean drainPending = new AtomicBoolean();
  private final Runnable drain = this::drain;
  private final TimerWheel timers;
  private final Heartbeat heartbeat;

  /**
   * Made by a {@link Platform} alone.
   *
   * @param name pool and number, such as {@code events-0}
   * @param index number in its pool, from 0
   * @param loop the Netty loop that it runs on
   * @param random its own generator, used by its own tasks alone
   * @param faults told of tasks that throw
   */
  public Scheduler(
      String name,
      int index,
      EventLoop loop,
      Clock clock,
      RandomGenerator random,
      FaultHandler faults) {
    this.name = name;
    this.index = index;
    this.loop = loop;
    this.clock = clock;
    this.random = random;
    this.faults = faults;
    this.timers = new TimerWheel(this);
    this.heartbeat = new Heartbeat(name, loop, clock);
  }

  /** Fails unless the caller runs on this scheduler. A field compare, always on. */
  public void check() {
    if (!loop.inEventLoop()) {
      throw wrongThread();
    }
  }

  private BugException wrongThread() {
    return Check.bug(
        "called on " + Thread.currentThread().getName() + ", but belongs to scheduler " + name);
  }

  /** True when the caller runs on this scheduler. */
  public boolean isCurrent() {
    return loop.inEventLoop();
  }

  /**
   * Hands a task over from any thread. Tasks posted while the scheduler is busy are taken up in one
   * batch with a single wake-up. The caller bounds how many it posts.
   */
  public void post(Runnable task) {
    inbox.offer(task);
    if (drainPending.compareAndSet(false, true)) {
      loop.execute(drain);
    }
  }

  private void drain() {
    // Cleared before the first poll: a task posted after the last poll then arranges the next
    // drain.
    drainPending.set(false);
    for (int i = 0; i < TASKS_PER_PASS; i++) {
      var task = inbox.relaxedPoll();
      if (task == null) {
        return;
      }
      run(task);
    }
    if (!inbox.isEmpty() && drainPending.compareAndSet(false, true)) {
      loop.execute(drain);
    }
  }

  void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable fault) {
      faults.onFault(this, fault);
    }
  }

  void fire(TimedEvent event, long nowNanos) {
    try {
      event.fire(nowNanos);
    } catch (Throwable fault) {
      faults.onFault(this, fault);
    }
  }

  /**
   * Arms {@code event} to fire once after {@code delayNanos}; one that is armed already is moved.
   * It never fires early. Costs constant time.
   */
  public void arm(TimedEvent event, long delayNanos) {
    check();
    timers.arm(event, delayNanos);
  }

  /** Takes {@code event} back; returns whether it was armed. Costs constant time. */
  public boolean disarm(TimedEvent event) {
    check();
    return timers.disarm(event);
  }

  /** How many timed events are armed. */
  public int armedEvents() {
    check();
    return timers.size();
  }

  /** The monotonic clock, nanoseconds. */
  public long nanoTime() {
    return clock.nanoTime();
  }

  /** The wall clock, microseconds since 1970. */
  public long wallMicros() {
    return clock.wallMicros();
  }

  /** This scheduler's own generator; for its own tasks. */
  public RandomGenerator random() {
    check();
    return random;
  }

  /**
   * The longest time that it did not come round, in nanoseconds; 0 while it was never watched or
   * never stalled. A stall that goes on counts. From any thread.
   */
  public long longestStallNanos() {
    return heartbeat.longestNanos();
  }

  /** What tells a watcher that it comes round. */
  Heartbeat heartbeat() {
    return heartbeat;
  }

  /** Number in its pool, from 0. */
  public int index() {
    return index;
  }

  /** Pool and number, such as {@code events-0}. */
  public String name() {
    return name;
  }

  /** The Netty loop underneath, for the floors that open channels on it. */
  public EventLoop loop() {
    return loop;
  }

  @Override
  public String toString() {
    return name;
  }
}
