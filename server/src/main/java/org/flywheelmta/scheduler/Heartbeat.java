package org.flywheelmta.scheduler;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * The one task that a {@link StallWatch} keeps outstanding on a scheduler. It is its own runnable,
 * so that sending it allocates nothing; on the scheduler it reads the clock and no more.
 *
 * <p>The watcher sends it, the scheduler returns it; what each writes the other reads only after
 * the flag between them has changed.
 */
@ConcurrentThreadSafe
final class Heartbeat implements Runnable {
  private final String name;
  private final Executor loop;
  private final Clock clock;
  private volatile boolean outstanding;
  private long returnedNanos;
  private volatile @Nullable Thread thread;
  private volatile long longestNanos;
  // These three are the watcher's own.
  private boolean ended;
  private long sentNanos;
  private boolean told;

  Heartbeat(String name, Executor loop, Clock clock) {
    this.name = name;
    this.loop = loop;
    this.clock = clock;
  }

  /** The scheduler that it beats on. */
  String name() {
    return name;
  }

  /** Sends it; on a scheduler that has ended it beats no more. */
  void send(long nowNanos) {
    if (ended) {
      return;
    }
    sentNanos = nowNanos;
    told = false;
    outstanding = true;
    try {
      loop.execute(this);
    } catch (RejectedExecutionException gone) {
      ended = true;
      returnedNanos = nowNanos;
      outstanding = false;
    }
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    returnedNanos = clock.nanoTime();
    outstanding = false;
  }

  boolean outstanding() {
    return outstanding;
  }

  /** How long it was or is away; to be asked with one answer of {@link #outstanding}. */
  long awayNanos(boolean away, long nowNanos) {
    return (away ? nowNanos : returnedNanos) - sentNanos;
  }

  /**
   * Time in which nothing of the process ran does not count for what was away then.
   *
   * @param sinceNanos when it began
   */
  void excuse(long sinceNanos, long nanos) {
    if (outstanding || returnedNanos - sinceNanos > 0) {
      sentNanos += nanos;
    }
  }

  /** Marks this stall as told; returns whether it was not. */
  boolean tell() {
    boolean first = !told;
    told = true;
    return first;
  }

  boolean told() {
    return told;
  }

  void stalled(long nanos) {
    if (nanos > longestNanos) {
      longestNanos = nanos;
    }
  }

  long longestNanos() {
    return longestNanos;
  }

  /** Where the scheduler's thread is now; empty before it has begun. */
  StackTraceElement[] stack() {
    var known = thread;
    return known == null ? new StackTraceElement[0] : known.getStackTrace();
  }
}
