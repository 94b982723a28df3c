package org.flywheelmta.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BooleanSupplier;
import org.flywheelmta.sim.SimPlatform;
import org.flywheelmta.sim.SimWorld;

/** The simulated pool: its jobs take virtual time, so what runs holds while the world stands. */
final class SimThreadPoolTest extends ThreadPoolContract {
  private static final long LIMIT_NANOS = 60_000_000_000L;

  private final SimWorld world = new SimWorld(1, SimThreadPoolTest.class);
  private final SimPlatform machine = world.machine("m");
  private final Scheduler asker = machine.schedulers("events", 1).getFirst();

  @Override
  ThreadPool pool(int concurrency, int backlog) {
    return machine.threadPool("IO", concurrency, backlog);
  }

  @Override
  Scheduler asker() {
    return asker;
  }

  @Override
  void until(BooleanSupplier done) {
    assertThat(world.runUntil(done, LIMIT_NANOS)).isTrue();
  }

  @Override
  void hold() {}

  @Override
  void release() {}
}
