package org.flywheelmta.net;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;

/** Computes handshakes of one scheduler's connections on a thread pool. */
@ConcurrentThreadSafe
record TlsTasks(ThreadPool pool, Scheduler scheduler) implements Executor {
  @Override
  public void execute(Runnable task) {
    boolean taken =
        pool.submit(
            scheduler,
            new Job<Boolean>() {
              @Override
              public Boolean work() {
                task.run();
                return true;
              }

              @Override
              public void onDone(Boolean done) {
                // The handler goes on by itself.
              }

              @Override
              public void onFailed(Exception failure) {
                throw new IllegalStateException("a task of a handshake", failure);
              }
            });
    if (!taken) {
      throw new RejectedExecutionException("no room for another handshake");
    }
  }
}
