package org.flywheelmta.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.flywheelmta.scheduler.Duty;
import org.flywheelmta.scheduler.Job;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Equal seeds give equal runs, time is exact, and what goes wrong is told with its seed. */
@Timeout(60)
class DeterminismTest {
  private static final long SECOND = 1_000_000_000L;

  private static long scenarioHash(long seed) {
    var world = new SimWorld(seed, DeterminismTest.class);
    var plan = new Plan(20, 3, 1, 0, 1, 1, 0, 6, 600, 36_000);
    var verdict = new SimScenario(world, plan, new RelayDouble.Lives()).run();
    assertThat(verdict.good()).as("%s", verdict).isTrue();
    return world.traceHash();
  }

  @Test
  void sameSeedGivesTheSameTraceThrice() {
    for (long seed = 1; seed <= 3; seed++) {
      long first = scenarioHash(seed);
      assertThat(scenarioHash(seed)).isEqualTo(first);
      assertThat(scenarioHash(seed)).isEqualTo(first);
    }
  }

  @Test
  void differentSeedsGiveDifferentTraces() {
    var hashes = new HashSet<Long>();
    for (long seed = 1; seed <= 10; seed++) {
      hashes.add(scenarioHash(seed));
    }
    assertThat(hashes).hasSize(10);
  }

  @Test
  void schedulersInterleaveDifferentlyAndKeepTheirOwnOrder() {
    var orders = new HashSet<List<String>>();
    for (long seed = 1; seed <= 20; seed++) {
      var world = new SimWorld(seed, DeterminismTest.class);
      var order = new ArrayList<String>();
      for (var scheduler : world.machine("m").schedulers("events", 2)) {
        scheduler.loop().execute(() -> order.add(scheduler.name() + " first"));
        scheduler.loop().execute(() -> order.add(scheduler.name() + " second"));
      }
      world.run(SECOND);
      assertThat(order).containsSubsequence("events-0 first", "events-0 second");
      assertThat(order).containsSubsequence("events-1 first", "events-1 second");
      orders.add(order);
    }
    assertThat(orders.size()).isGreaterThan(3);
  }

  @Test
  void callBetweenSchedulersOfOneThreadIsNotInTheLoop() {
    var world = new SimWorld(1, DeterminismTest.class);
    var two = world.machine("m").schedulers("events", 2);
    var seen = new ArrayList<Boolean>();
    two.getFirst()
        .post(
            () -> {
              seen.add(two.getFirst().isCurrent());
              seen.add(two.getLast().isCurrent());
            });
    world.run(SECOND);
    assertThat(seen).containsExactly(true, false);
    assertThat(two.getFirst().isCurrent()).isFalse();
  }

  @Test
  void jobsCompleteOnTheirAskerAndTheBacklogIsBounded() {
    var world = new SimWorld(5, DeterminismTest.class);
    var machine = world.machine("m");
    var asker = machine.schedulers("events", 1).getFirst();
    var pool = machine.threadPool("CPU", 2, 4);
    var done = new ArrayList<Integer>();
    var taken = new ArrayList<Boolean>();
    asker.post(
        () -> {
          for (int i = 0; i < 6; i++) {
            taken.add(pool.submit(asker, new Numbered(asker, i, done)));
          }
        });
    world.run(SECOND);
    assertThat(taken).containsExactly(true, true, true, true, false, false);
    assertThat(done).containsExactlyInAnyOrder(0, -1, 2, 3);
    assertThat(pool.waiting()).isZero();
  }

  private record Numbered(Scheduler asker, int number, List<Integer> done) implements Job<Integer> {
    @Override
    public Integer work() throws Exception {
      assertThat(asker.isCurrent()).isFalse();
      if (number == 1) {
        throw new Exception("expected");
      }
      return number;
    }

    @Override
    public void onDone(Integer result) {
      asker.check();
      done.add(result);
    }

    @Override
    public void onFailed(Exception failure) {
      asker.check();
      done.add(-number);
    }
  }

  @Test
  void workerRunsWhenWokenAndWhenItsDelayIsOver() {
    var world = new SimWorld(1, DeterminismTest.class);
    var passes = new ArrayList<Long>();
    var worker =
        world
            .machine("m")
            .worker(
                "commit",
                now -> {
                  passes.add(now);
                  return passes.size() == 1 ? 10 * SECOND : Duty.UNTIL_WOKEN;
                });
    world.run(100 * SECOND);
    assertThat(passes).containsExactly(SECOND, 11 * SECOND);
    worker.wake();
    worker.wake();
    world.run(100 * SECOND);
    assertThat(passes).containsExactly(SECOND, 11 * SECOND, 101 * SECOND);
    worker.close();
    worker.wake();
    world.run(SECOND);
    assertThat(passes).hasSize(3);
  }

  @Test
  void wallClockStepsAndTheMonotonicOneDoesNot() {
    var world = new SimWorld(1, DeterminismTest.class);
    long wall = world.clock().wallMicros();
    world.run(SECOND);
    world.stepWall(-3_600_000_000L);
    assertThat(world.clock().wallMicros()).isEqualTo(wall + 1_000_000 - 3_600_000_000L);
    assertThat(world.clock().nanoTime()).isEqualTo(2 * SECOND);
  }

  @Test
  void taskThatThrowsFailsTheRunWithSeedAndReplay() {
    var world = new SimWorld(77, DeterminismTest.class);
    var scheduler = world.machine("m").schedulers("events", 1).getFirst();
    scheduler.post(
        () -> {
          throw new IllegalStateException("a bug");
        });
    assertThatThrownBy(() -> world.run(SECOND))
        .isInstanceOf(SimFailure.class)
        .hasMessageContaining("a bug")
        .hasMessageContaining("seed 77")
        .hasMessageContaining("./flywheel test -Dtest=DeterminismTest --seed 77")
        .hasMessageContaining("m/events-0 task");
  }

  @Test
  void taskOfTheLoopThatThrowsFailsTheRunToo() {
    var world = new SimWorld(1, DeterminismTest.class);
    var loop = world.machine("m").schedulers("events", 1).getFirst().loop();
    loop.execute(
        () -> {
          throw new IllegalStateException("a bug");
        });
    assertThatThrownBy(() -> world.run(SECOND)).isInstanceOf(SimFailure.class);
  }

  @Test
  void livelockFailsTheRun() {
    var world = new SimWorld(1, DeterminismTest.class);
    world.stepsPerSecond(1000);
    world.machine("m").worker("spinning", now -> 0);
    assertThatThrownBy(() -> world.run(SECOND))
        .isInstanceOf(SimFailure.class)
        .hasMessageContaining("more than 1000 steps");
  }

  @Test
  void brokenInvariantFailsTheRunAtItsStep() {
    var world = new SimWorld(1, DeterminismTest.class);
    var state = new ArrayList<String>();
    world.invariant(() -> assertThat(state).isEmpty());
    world.after(5 * SECOND, "breaks", () -> state.add("broken"));
    assertThatThrownBy(() -> world.run(9 * SECOND))
        .isInstanceOf(SimFailure.class)
        .hasMessageContaining("virtual second 6.0");
  }

  @Test
  void machineWithoutPowerRunsNothingMore() {
    var world = new SimWorld(1, DeterminismTest.class);
    var machine = world.machine("m");
    var scheduler = machine.schedulers("events", 1).getFirst();
    var fired = new ArrayList<Long>();
    scheduler.post(() -> scheduler.arm(TimedEvent.of(fired::add), 5 * SECOND));
    world.run(SECOND);
    machine.cutPower();
    world.run(60 * SECOND);
    assertThat(fired).isEmpty();
    assertThat(world.machine("m").up()).isTrue();
  }
}
