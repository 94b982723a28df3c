package org.flywheelmta.hook;

import org.flywheelmta.base.NonThreadSafe;

/** What whoever fired a hook does with its result. */
@NonThreadSafe
@FunctionalInterface
public interface Continuation<R> {
  /** Called once, on the scheduler that fired, unless the firing was cancelled. */
  void proceed(R result);
}
