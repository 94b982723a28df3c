package org.flywheelmta.scheduler;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Randomness;

/**
 * Where schedulers, pools and workers come from, with the clock and the randomness that all of them
 * share: threads in production, one stepped thread in a simulation.
 */
@ConcurrentThreadSafe
public interface Platform extends AutoCloseable {
  Clock clock();

  Randomness randomness();

  /**
   * Where buffers come from that no connection has made. In a simulation each life of a machine has
   * its own, so that what a power cut takes along is not mistaken for a leak.
   */
  default ByteBufAllocator allocator() {
    return PooledByteBufAllocator.DEFAULT;
  }

  /**
   * Starts a pool of schedulers named {@code pool-0}, {@code pool-1} and so on.
   *
   * @param concurrency how many; at least 1
   */
  List<Scheduler> schedulers(String pool, int concurrency);

  /**
   * Starts a pool of threads.
   *
   * @param concurrency how many threads; at least 1
   * @param backlog how many jobs may wait for one
   */
  ThreadPool threadPool(String name, int concurrency, int backlog);

  /** Starts a worker for {@code duty}, whose first pass runs soon. */
  Worker worker(String name, Duty duty);

  /** Ends schedulers and pools; workers are closed by whoever started them, before. */
  @Override
  void close();
}
