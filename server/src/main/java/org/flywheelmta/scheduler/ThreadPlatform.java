package org.flywheelmta.scheduler;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Randomness;

/** Schedulers, pools and workers on threads of the machine. Started and closed by one thread. */
@ConcurrentThreadSafe
public final class ThreadPlatform implements Platform {
  private static final long QUIET_MILLIS = 0;
  private static final long STOP_LIMIT_MILLIS = 5_000;

  private final Transport transport;
  private final FaultHandler faults;
  private final Clock clock = Clock.system();
  private final Randomness randomness = Randomness.system();
  private final List<MultiThreadIoEventLoopGroup> groups = new ArrayList<>();
  private final List<BoundedThreadPool> pools = new ArrayList<>();

  /**
   * Prepares a platform; nothing runs yet.
   *
   * @param faults told of tasks that throw; in production it stops the process
   */
  public ThreadPlatform(Transport transport, FaultHandler faults) {
    this.transport = transport;
    this.faults = faults;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Randomness randomness() {
    return randomness;
  }

  @Override
  public List<Scheduler> schedulers(String pool, int concurrency) {
    Check.that(concurrency > 0, "a pool of schedulers without a scheduler");
    var group =
        new MultiThreadIoEventLoopGroup(
            concurrency, new DefaultThreadFactory("evt-" + pool), transport.ioHandlerFactory());
    groups.add(group);
    var schedulers = new ArrayList<Scheduler>(concurrency);
    for (var executor : group) {
      int index = schedulers.size();
      var name = pool + "-" + index;
      schedulers.add(
          new Scheduler(
              name, index, (EventLoop) executor, clock, randomness.generator(name), faults));
    }
    return schedulers;
  }

  @Override
  public ThreadPool threadPool(String name, int concurrency, int backlog) {
    var pool = new BoundedThreadPool(name, concurrency, backlog, faults);
    pools.add(pool);
    return pool;
  }

  @Override
  public Worker worker(String name, Duty duty) {
    return new ThreadWorker(name, duty, clock, faults);
  }

  @Override
  public void close() {
    for (var pool : pools) {
      pool.close();
    }
    for (var group : groups) {
      var _ = group.shutdownGracefully(QUIET_MILLIS, STOP_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    }
    for (var group : groups) {
      group.terminationFuture().awaitUninterruptibly(STOP_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    }
  }
}
