package org.flywheelmta.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.flywheelmta.base.BugException;
import org.junit.jupiter.api.Test;

/** What every thread pool promises; the one over threads and the simulated one pass alike. */
abstract class ThreadPoolContract {
  private static final int BACKLOG = 8;

  final ConcurrentLinkedQueue<String> story = new ConcurrentLinkedQueue<>();
  private final AtomicInteger ran = new AtomicInteger();

  /** A pool, made once in a test. */
  abstract ThreadPool pool(int concurrency, int backlog);

  /** The scheduler that asks. */
  abstract Scheduler asker();

  /** Waits until something is so, letting the pool go on. */
  abstract void until(BooleanSupplier done);

  /** What a job does that is to be seen running: it ends only after {@link #release}. */
  abstract void hold() throws InterruptedException;

  /** Lets jobs that hold end. */
  abstract void release();

  /** A job that counts its runs and tells the story of its completion. */
  private Job<Integer> job(boolean holds) {
    return new Job<>() {
      @Override
      public Integer work() throws Exception {
        if (holds) {
          hold();
        }
        return ran.incrementAndGet();
      }

      @Override
      public void onDone(Integer result) {
        asker().check();
        story.add("done " + result);
      }

      @Override
      public void onFailed(Exception failure) {
        story.add("failed");
      }
    };
  }

  private void holdAll(ThreadPool pool, int jobs) {
    for (int i = 0; i < jobs; i++) {
      assertThat(pool.submit(asker(), job(true))).isTrue();
    }
  }

  @Test
  void jobsOfOneThreadRunInTheirOrderAndCompleteOnTheirAsker() {
    var pool = pool(1, 100);
    var expected = new ArrayList<String>();
    for (int i = 1; i <= 100; i++) {
      assertThat(pool.submit(asker(), job(false))).isTrue();
      expected.add("done " + i);
    }
    until(() -> story.size() == 100);
    assertThat(story).containsExactlyElementsOf(expected);
  }

  @Test
  void failureOfAJobIsToldAndCounts() {
    var pool = pool(1, BACKLOG);
    pool.submit(
        asker(),
        new Job<String>() {
          @Override
          public String work() throws Exception {
            throw new Exception("as expected");
          }

          @Override
          public void onDone(String result) {
            story.add("done");
          }

          @Override
          public void onFailed(Exception failure) {
            asker().check();
            story.add(String.valueOf(failure.getMessage()));
          }
        });
    until(() -> !story.isEmpty());
    assertThat(story).containsExactly("as expected");
    assertThat(pool.statistics().completed()).isEqualTo(1);
    assertThat(pool.statistics().busy()).isZero();
  }

  @Test
  void fullBacklogRefusesAndCounts() {
    var pool = pool(1, BACKLOG);
    holdAll(pool, 1);
    until(() -> pool.statistics().busy() == 1);
    holdAll(pool, BACKLOG);
    assertThat(pool.submit(asker(), job(false))).isFalse();
    var full = pool.statistics();
    assertThat(full.waiting()).isEqualTo(BACKLOG).isEqualTo(pool.waiting());
    assertThat(List.of(full.taken(), full.completed(), full.refused()))
        .containsExactly(1L + BACKLOG, 0L, 1L);
    release();
    until(() -> story.size() == 1 + BACKLOG);
    assertThat(pool.submit(asker(), job(false))).isTrue();
    until(() -> story.size() == 2 + BACKLOG);
    var after = pool.statistics();
    assertThat(List.of(after.busy(), after.waiting())).containsExactly(0, 0);
    assertThat(List.of(after.taken(), after.completed(), after.refused()))
        .containsExactly(2L + BACKLOG, 2L + BACKLOG, 1L);
    assertThat(after.longestWaitNanos()).isPositive();
  }

  @Test
  void grownPoolTakesUpWhatWaitsAtOnce() {
    var pool = pool(1, BACKLOG);
    holdAll(pool, 5);
    until(() -> pool.statistics().busy() == 1);
    assertThat(pool.statistics().threads()).isEqualTo(1);
    pool.resize(4);
    until(() -> pool.statistics().busy() == 4);
    var grown = pool.statistics();
    assertThat(List.of(grown.concurrency(), grown.threads(), grown.waiting()))
        .containsExactly(4, 4, 1);
    release();
    until(() -> story.size() == 5);
    assertThat(ran).hasValue(5);
  }

  @Test
  void shrunkPoolKeepsWhatRunsAndLosesNothing() {
    var pool = pool(4, BACKLOG);
    holdAll(pool, 4);
    until(() -> pool.statistics().busy() == 4);
    holdAll(pool, 4);
    pool.resize(1);
    assertThat(pool.statistics().busy()).isEqualTo(4);
    assertThat(pool.statistics().concurrency()).isEqualTo(1);
    release();
    until(() -> story.size() == 8);
    until(() -> pool.statistics().threads() <= 1);
    assertThat(ran).hasValue(8);
    assertThat(pool.statistics().refused()).isZero();
  }

  @Test
  void idleThreadsOfAShrunkPoolEnd() {
    var pool = pool(4, BACKLOG);
    holdAll(pool, 4);
    until(() -> pool.statistics().busy() == 4);
    release();
    until(() -> story.size() == 4);
    pool.resize(2);
    until(() -> pool.statistics().threads() == 2);
    pool.resize(3);
    holdAll(pool, 4);
    until(() -> story.size() == 8);
    assertThat(pool.statistics().threads()).isLessThanOrEqualTo(3);
  }

  @Test
  void poolWithoutThreadsIsABug() {
    var pool = pool(1, BACKLOG);
    assertThatThrownBy(() -> pool.resize(0)).isInstanceOf(BugException.class);
    assertThat(pool.statistics().concurrency()).isEqualTo(1);
  }
}
