package org.flywheelmta.sim;

import org.flywheelmta.base.NonThreadSafe;

/** Something that the driver steps: a loop, a worker, a thread of a pool. */
@NonThreadSafe
interface Actor {
  /** What {@link #deadlineNanos} returns when only others can bring work. */
  long NEVER = Long.MAX_VALUE;

  /** The machine that it runs on. */
  SimPlatform machine();

  /** Its number in the world, in order of making. */
  int number();

  /** What the trace calls it. */
  String name();

  /** True when {@link #step} has something to do at {@code nowNanos}. */
  boolean ready(long nowNanos);

  /** When it becomes ready by itself, or {@link #NEVER}. */
  long deadlineNanos();

  /** True between the beginning and the end of a job, which may hold memory meanwhile. */
  default boolean isWorking() {
    return false;
  }

  /** Does one piece of work; returns what kind it was, for the trace. */
  String step(long nowNanos);
}
