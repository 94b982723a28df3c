package org.flywheelmta.hook;

import org.flywheelmta.base.ConcurrentThreadSafe;

/**
 * Takes part in a hook. Called on whichever scheduler fires, on several at once; it must not block,
 * and hands what blocks to a thread pool.
 *
 * @param <A> what it is asked about
 * @param <R> what it answers
 */
@ConcurrentThreadSafe
@FunctionalInterface
public interface Provider<A, R> {
  /**
   * Answers now, or keeps {@code answer} and answers later. Whoever fired waits until then, as long
   * as it takes. Throwing counts as the hook's failure.
   *
   * @param argument to be used during the call, and until the answer is given if it is wanted still
   */
  void provide(A argument, Answer<R> answer);

  /** As operators know it. */
  default String name() {
    return getClass().getSimpleName();
  }
}
