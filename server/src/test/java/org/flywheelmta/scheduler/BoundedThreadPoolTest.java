package org.flywheelmta.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.flywheelmta.base.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pool over threads of the machine. */
@Timeout(60)
final class BoundedThreadPoolTest extends ThreadPoolContract {
  private static final int SUBMITTERS = 3;
  private static final int JOBS_EACH = 20_000;
  private static final int MOST_THREADS = 6;
  private static final long LOOK_AGAIN_NANOS = 100_000;

  private final ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
  private final ThreadPlatform platform =
      new ThreadPlatform(IoEngine.NIO, (where, fault) -> faults.add(fault));
  private final Scheduler asker = platform.schedulers("events", 1).getFirst();
  private final CountDownLatch released = new CountDownLatch(1);

  @AfterEach
  void nothingHasFailed() {
    released.countDown();
    platform.close();
    assertThat(faults).isEmpty();
  }

  @Override
  ThreadPool pool(int concurrency, int backlog) {
    return platform.threadPool("IO", concurrency, backlog);
  }

  @Override
  Scheduler asker() {
    return asker;
  }

  @Override
  void until(BooleanSupplier done) {
    while (!done.getAsBoolean()) {
      // The limit of the test ends what never comes true.
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      assertThat(Thread.currentThread().isInterrupted()).as("out of time").isFalse();
    }
  }

  @Override
  void hold() throws InterruptedException {
    released.await();
  }

  @Override
  void release() {
    released.countDown();
  }

  @Test
  void everyJobRunsOnceWhileThePoolIsResized() throws Exception {
    var pool = pool(2, 64);
    var submitters = platform.schedulers("submitters", SUBMITTERS);
    var runs = new AtomicIntegerArray(SUBMITTERS * JOBS_EACH);
    var done = new CountDownLatch(SUBMITTERS * JOBS_EACH);
    for (var submitter : submitters) {
      submitter.post(() -> submitFrom(pool, submitter, 0, runs, done));
    }
    var random = new SplittableRandom(1);
    while (!done.await(random.nextInt(200), TimeUnit.MICROSECONDS)) {
      pool.resize(random.nextInt(1, MOST_THREADS + 1));
    }
    for (int i = 0; i < runs.length(); i++) {
      assertThat(runs.get(i)).as("runs of job %d", i).isEqualTo(1);
    }
    pool.resize(1);
    until(() -> pool.statistics().threads() <= 1);
    var at = pool.statistics();
    assertThat(at.completed()).isEqualTo(SUBMITTERS * JOBS_EACH).isEqualTo(at.taken());
    assertThat(List.of(at.busy(), at.waiting())).containsExactly(0, 0);
  }

  /** Submits until the backlog is full, and goes on when the scheduler comes round again. */
  private void submitFrom(
      ThreadPool pool,
      Scheduler submitter,
      int first,
      AtomicIntegerArray runs,
      CountDownLatch done) {
    for (int i = first; i < JOBS_EACH; i++) {
      int number = submitter.index() * JOBS_EACH + i;
      if (!pool.submit(submitter, new CountedJob(number, runs, done))) {
        int refused = i;
        submitter.post(() -> submitFrom(pool, submitter, refused, runs, done));
        return;
      }
    }
  }

  private record CountedJob(int number, AtomicIntegerArray runs, CountDownLatch done)
      implements Job<Integer> {
    @Override
    public Integer work() {
      return runs.incrementAndGet(number);
    }

    @Override
    public void onDone(Integer result) {
      done.countDown();
    }

    @Override
    public void onFailed(Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Test
  void jobsThatWaitAtACloseStillRunAndFurtherOnesAreRefused() {
    var pool = new BoundedThreadPool("closing", 1, 10, Clock.system(), (where, fault) -> {});
    for (int i = 0; i < 5; i++) {
      assertThat(pool.submit(asker, new Held())).isTrue();
    }
    until(() -> pool.statistics().busy() == 1);
    pool.close();
    assertThat(pool.submit(asker, new Held())).isFalse();
    release();
    until(() -> story.size() == 5);
    until(() -> pool.statistics().threads() == 0);
  }

  private final class Held implements Job<Integer> {
    @Override
    public Integer work() throws InterruptedException {
      hold();
      return 1;
    }

    @Override
    public void onDone(Integer result) {
      story.add("done");
    }

    @Override
    public void onFailed(Exception failure) {
      story.add("failed");
    }
  }

  @Test
  void errorOfAJobIsAFaultAndThePoolGoesOn() {
    var thrown = new ConcurrentLinkedQueue<Throwable>();
    var pool =
        new BoundedThreadPool("faulty", 1, 10, Clock.system(), (where, fault) -> thrown.add(fault));
    pool.submit(
        asker,
        new Job<Integer>() {
          @Override
          public Integer work() {
            throw new AssertionError("as expected");
          }

          @Override
          public void onDone(Integer result) {}

          @Override
          public void onFailed(Exception failure) {}
        });
    release();
    pool.submit(asker, new Held());
    until(() -> story.size() == 1);
    assertThat(thrown).singleElement().isInstanceOf(AssertionError.class);
    assertThat(pool.statistics().completed()).isEqualTo(2);
    pool.close();
  }
}
