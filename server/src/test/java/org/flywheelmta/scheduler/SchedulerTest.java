package org.flywheelmta.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.BugException;
import org.flywheelmta.sim.SimWorld;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a scheduler promises about its tasks. */
@Timeout(60)
class SchedulerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int POSTERS = 3;
  private static final int POSTS = 20_000;

  private final SimWorld world = new SimWorld(1, SchedulerTest.class);
  private final Scheduler scheduler = world.machine("m").schedulers("events", 1).getFirst();

  @Test
  void postedTasksRunInTheirOrder() {
    var order = new ArrayList<Integer>();
    for (int i = 0; i < 5_000; i++) {
      int number = i;
      scheduler.post(() -> order.add(number));
    }
    world.run(SECOND);
    assertThat(order).isSorted().hasSize(5_000);
  }

  @Test
  void passRunsAtMostABatchSoThatIoGetsItsTurn() {
    var ran = new int[1];
    var ranBeforeIo = new ArrayList<Integer>();
    for (int i = 0; i < 2 * Scheduler.TASKS_PER_PASS; i++) {
      scheduler.post(() -> ran[0]++);
    }
    scheduler.loop().execute(() -> ranBeforeIo.add(ran[0]));
    world.run(SECOND);
    assertThat(ranBeforeIo).containsExactly(Scheduler.TASKS_PER_PASS);
    assertThat(ran[0]).isEqualTo(2 * Scheduler.TASKS_PER_PASS);
  }

  @Test
  void taskPostedByATaskRunsToo() {
    var order = new ArrayList<String>();
    scheduler.post(
        () -> {
          order.add("outer");
          scheduler.post(() -> order.add("inner"));
        });
    world.run(SECOND);
    assertThat(order).containsExactly("outer", "inner");
  }

  @Test
  void whatBelongsToASchedulerRefusesEverybodyElse() {
    assertThat(scheduler.isCurrent()).isFalse();
    assertThatThrownBy(scheduler::check)
        .isInstanceOf(BugException.class)
        .hasMessageContaining("belongs to scheduler events-0");
    assertThatThrownBy(() -> scheduler.arm(TimedEvent.of(now -> {}), 1))
        .isInstanceOf(BugException.class);
    assertThatThrownBy(scheduler::random).isInstanceOf(BugException.class);
  }

  @ParameterizedTest
  @MethodSource("org.flywheelmta.scheduler.Engines#underTest")
  @Tag("sockets")
  void tasksOfManyThreadsAllRunEachThreadsInItsOrder(IoEngine engine) throws Exception {
    var faults = new ConcurrentLinkedQueue<Throwable>();
    try (var platform = new ThreadPlatform(engine, (where, fault) -> faults.add(fault))) {
      var target = platform.schedulers("events", 1).getFirst();
      var posters = platform.schedulers("posters", POSTERS);
      var last = new int[POSTERS];
      var done = new CountDownLatch(POSTERS * POSTS);
      for (var poster : posters) {
        poster.post(
            () -> {
              for (int i = 1; i <= POSTS; i++) {
                int number = i;
                target.post(
                    () -> {
                      target.check();
                      assertThat(number).isEqualTo(++last[poster.index()]);
                      done.countDown();
                    });
              }
            });
      }
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(faults).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("org.flywheelmta.scheduler.Engines#underTest")
  @Tag("sockets")
  void timedEventOfAThreadIsNeverEarly(IoEngine engine) throws Exception {
    try (var platform = new ThreadPlatform(engine, (where, fault) -> {})) {
      var target = platform.schedulers("events", 1).getFirst();
      var late = new ConcurrentLinkedQueue<Long>();
      var done = new CountDownLatch(50);
      target.post(
          () -> {
            for (int i = 0; i < 50; i++) {
              long due = target.nanoTime() + i * 1_000_000L;
              target.arm(
                  TimedEvent.of(
                      now -> {
                        late.add(now - due);
                        done.countDown();
                      }),
                  i * 1_000_000L);
            }
          });
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(late).allMatch(nanos -> nanos >= 0);
    }
  }
}
