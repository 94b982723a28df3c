package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import org.flywheelmta.config.Configured;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.PoolStatistics;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.flywheelmta.sim.SimPlatform;
import org.flywheelmta.sim.SimWorld;
import org.junit.jupiter.api.Test;

/** What the configuration makes of the pools of threads. */
final class ThreadPoolsTest {
  private static final int PROCESSORS = 6;

  private final SimPlatform machine = new SimWorld(1, ThreadPoolsTest.class).machine("m");

  private ThreadPool start(ThreadPools pool, String configuration) {
    return pool.start(machine, Configured.by(ServerOptions.schema(), configuration), PROCESSORS);
  }

  private PoolStatistics statistics(ThreadPools pool, String configuration) {
    return start(pool, configuration).statistics();
  }

  /** How many jobs a pool takes while none of them runs. */
  private int room(ThreadPool pool) {
    Scheduler asker = machine.schedulers("events", 1).getFirst();
    int taken = 0;
    while (pool.submit(asker, new Nothing())) {
      taken++;
    }
    return taken;
  }

  private static final class Nothing implements Job<Integer> {
    @Override
    public Integer work() {
      return 0;
    }

    @Override
    public void onDone(Integer result) {}

    @Override
    public void onFailed(Exception failure) {}
  }

  @Test
  void poolsExistWithoutAStanza() {
    assertThat(statistics(ThreadPools.IO, "").concurrency()).isEqualTo(4);
    assertThat(statistics(ThreadPools.CPU, "").concurrency()).isEqualTo(PROCESSORS);
    assertThat(room(start(ThreadPools.IO, ""))).isEqualTo(1_000);
  }

  @Test
  void stanzaSetsWhatItNamesAndLeavesTheRest() {
    var stanzas = "threadpool \"IO\" { backlog = 7 }\nthreadpool \"CPU\" { concurrency = 1 }\n";
    assertThat(statistics(ThreadPools.IO, stanzas).concurrency()).isEqualTo(4);
    assertThat(room(start(ThreadPools.IO, stanzas))).isEqualTo(7);
    assertThat(statistics(ThreadPools.CPU, stanzas).concurrency()).isEqualTo(1);
    assertThat(start(ThreadPools.CPU, stanzas).name()).isEqualTo("CPU");
  }
}
