package org.flywheelmta.scheduler;

import org.flywheelmta.base.SingleThreadSafe;

/**
 * Work for a {@link ThreadPool} with its completion. It is handed over twice: to the pool, and back
 * to the scheduler that asked.
 *
 * @param <T> what the work results in
 */
@SingleThreadSafe
public interface Job<T> {
  /** Runs on a thread of the pool; may block. An exception becomes {@link #onFailed}. */
  T work() throws Exception;

  /** Called on the asking scheduler with the result. */
  void onDone(T result);

  /** Called on the asking scheduler when {@link #work} threw. */
  void onFailed(Exception failure);
}
