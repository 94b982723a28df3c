package org.flywheelmta.scheduler;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.Randomness;

/** Schedulers, pools and workers on threads of the machine. Started and closed by one thread. */
@ConcurrentThreadSafe
public final class ThreadPlatform implements Platform {
  private static final long QUIET_MILLIS = 0;
  private static final long STOP_LIMIT_MILLIS = 5_000;

  private final IoEngine engine;
  private final FaultHandler faults;
  private final Clock clock = Clock.system();
  private final Randomness randomness = Randomness.system();
  private final List<MultiThreadIoEventLoopGroup> groups = new ArrayList<>();
  private final List<BoundedThreadPool> pools = new ArrayList<>();
  private final CopyOnWriteArrayList<Heartbeat> heartbeats = new CopyOnWriteArrayList<>();

  /**
   * Prepares a platform; nothing runs yet.
   *
   * @param faults told of tasks that throw; in production it stops the process
   */
  public ThreadPlatform(IoEngine engine, FaultHandler faults) {
    this.engine = engine;
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
    var group = group(pool, concurrency);
    groups.add(group);
    var schedulers = new ArrayList<Scheduler>(concurrency);
    for (var executor : group) {
      int index = schedulers.size();
      var name = pool + "-" + index;
      var scheduler =
          new Scheduler(
              name, index, (EventLoop) executor, clock, randomness.generator(name), faults);
      schedulers.add(scheduler);
      // The first beat is the first task, so a watcher knows the thread whatever comes next.
      scheduler.heartbeat().send(clock.nanoTime());
      heartbeats.add(scheduler.heartbeat());
    }
    return schedulers;
  }

  private MultiThreadIoEventLoopGroup group(String pool, int concurrency) {
    try {
      return new MultiThreadIoEventLoopGroup(
          concurrency, new DefaultThreadFactory("evt-" + pool), engine.ioHandlerFactory());
    } catch (RuntimeException | LinkageError none) {
      throw new EngineFailure(engine, none);
    }
  }

  /**
   * Watches every scheduler of this platform, whenever it was started, for not coming round.
   *
   * @param log told of stalls; it may itself be served by a worker of this platform
   * @return the worker that watches, closed by the caller before the platform
   */
  public Worker watchStalls(OperatorLog log) {
    return worker("stall-watch", new StallWatch(heartbeats, clock, log));
  }

  @Override
  public ThreadPool threadPool(String name, int concurrency, int backlog) {
    var pool = new BoundedThreadPool(name, concurrency, backlog, clock, faults);
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
