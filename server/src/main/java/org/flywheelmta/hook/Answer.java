package org.flywheelmta.hook;

import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/**
 * What one provider has to say to one firing; the first answer counts. An answer that comes after
 * it, or after the firing was cancelled, is ignored and counted.
 */
@ConcurrentThreadSafe
public interface Answer<R> {
  /** Answers, on the scheduler that fired; what follows from the answer happens in this call. */
  void resolve(R result);

  /** Answers from any thread: the answer is posted to the scheduler that fired. */
  void post(R result);

  /** False once an answer would be ignored. For the scheduler that fired. */
  boolean wanted();

  /** The scheduler that fired. */
  Scheduler scheduler();
}
