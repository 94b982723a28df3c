package org.flywheelmta.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Clock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is told of a scheduler that does not come round, pass by pass under a clock of the test. */
@Timeout(60)
final class StallWatchTest {
  private static final long MILLI = 1_000_000L;

  private final Time time = new Time();
  private final Loop one = new Loop();
  private final Loop two = new Loop();
  private final CopyOnWriteArrayList<Heartbeat> watched =
      new CopyOnWriteArrayList<>(
          List.of(new Heartbeat("one", one, time), new Heartbeat("two", two, time)));
  private final List<String> told = new ArrayList<>();
  private final StallWatch watch =
      new StallWatch(watched, time, (level, text) -> told.add(level + " " + text));

  /** A clock that the test moves; far from zero, as nanoTime may be. */
  private static final class Time implements Clock {
    private long nanos = Long.MAX_VALUE - 200 * MILLI;

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public long wallMicros() {
      return 0;
    }
  }

  /** A loop that comes round when the test lets it. */
  private static final class Loop implements Executor {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private boolean ended;

    @Override
    public void execute(Runnable task) {
      if (ended) {
        throw new RejectedExecutionException("ended");
      }
      tasks.add(task);
    }

    void comeRound() {
      while (!tasks.isEmpty()) {
        tasks.remove().run();
      }
    }
  }

  /** Passes on time until {@code millis} have gone by; the second loop always comes round. */
  private void pass(long millis) {
    for (long left = millis; left > 0; left -= StallWatch.BEAT_NANOS / MILLI) {
      assertThat(watch.run(time.nanos)).isEqualTo(StallWatch.BEAT_NANOS);
      two.comeRound();
      time.nanos += StallWatch.BEAT_NANOS;
    }
  }

  private long longestMillis(int at) {
    return watched.get(at).longestNanos() / MILLI;
  }

  @Test
  void schedulerThatComesRoundIsNotMentioned() {
    for (int i = 0; i < 40; i++) {
      pass(25);
      one.comeRound();
    }
    assertThat(told).isEmpty();
    assertThat(longestMillis(0)).isZero();
  }

  @Test
  void oneHeartbeatIsOutstandingAtATime() {
    pass(1_000);
    assertThat(one.tasks).hasSize(1);
  }

  @Test
  void stallIsToldOnceWithTheStackAndAgainWithItsLengthWhenItEnds() {
    pass(25);
    one.comeRound();
    pass(100);
    assertThat(told).isEmpty();
    pass(25);
    assertThat(told)
        .singleElement()
        .asString()
        .startsWith("WARNING Scheduler one has not come round for 100 ms; it is at ")
        .contains("java.lang.Thread.getStackTrace(", " < ", "StallWatchTest.stallIsToldOnce");
    pass(200);
    assertThat(told).hasSize(1);
    assertThat(longestMillis(0)).as("a stall that goes on counts").isEqualTo(300);
    one.comeRound();
    pass(25);
    assertThat(told).hasSize(2).last().isEqualTo("WARNING Scheduler one stood still for 325 ms");
    assertThat(longestMillis(0)).isEqualTo(325);
    assertThat(longestMillis(1)).as("the other scheduler").isZero();
    one.comeRound();
    pass(25);
    assertThat(told).as("it is over").hasSize(2);
  }

  @Test
  void longestStallIsKept() {
    pass(300);
    one.comeRound();
    pass(25);
    one.comeRound();
    pass(150);
    one.comeRound();
    pass(25);
    assertThat(told).hasSize(4);
    assertThat(longestMillis(0)).isEqualTo(300);
  }

  @Test
  void stallThatEndedBeforeItsStackWasTakenIsToldWithItsLength() {
    pass(100);
    time.nanos += 10 * MILLI;
    one.comeRound();
    time.nanos += 10 * MILLI;
    pass(25);
    assertThat(told)
        .containsExactly(
            "WARNING Scheduler one stood still for 110 ms, and went on before its stack was taken");
  }

  @Test
  void schedulerThatNeverBeganHasNoStack() {
    pass(125);
    assertThat(told).singleElement().asString().endsWith("its thread has not begun");
  }

  @Test
  void lateWatcherSaysThatTheProcessStoodStillAndBlamesNobody() {
    pass(25);
    one.comeRound();
    pass(25);
    // The heartbeat is outstanding when the process stops, and comes back before the watcher looks.
    time.nanos += 5_000 * MILLI;
    one.comeRound();
    pass(25);
    assertThat(told)
        .containsExactly(
            "WARNING The whole process stood still for about 5000 ms: memory was collected, or the"
                + " machine gave it no time");
    pass(50);
    one.comeRound();
    pass(25);
    assertThat(told).hasSize(1);
    assertThat(longestMillis(0)).isZero();
  }

  @Test
  void stallThatGoesOnAfterTheProcessStoodStillIsStillFound() {
    pass(25);
    time.nanos += 5_000 * MILLI;
    pass(100);
    assertThat(told).hasSize(2).last().asString().contains("one has not come round for 100 ms");
  }

  @Test
  void stallBeforeTheProcessStoodStillKeepsItsLength() {
    pass(25);
    pass(200);
    one.comeRound();
    time.nanos += 5_000 * MILLI;
    pass(25);
    assertThat(told).hasSize(3).last().isEqualTo("WARNING Scheduler one stood still for 225 ms");
  }

  @Test
  void latenessThatIsSmallIsNoMatter() {
    pass(25);
    one.comeRound();
    time.nanos += StallWatch.LATE_NANOS;
    pass(25);
    assertThat(told).isEmpty();
    time.nanos += StallWatch.LATE_NANOS + 1;
    one.comeRound();
    pass(25);
    assertThat(told).hasSize(1);
  }

  @Test
  void schedulerThatHasEndedIsLeftInPeace() {
    one.ended = true;
    pass(1_000);
    assertThat(told).isEmpty();
  }

  @Test
  @Tag("sockets")
  void threadThatBlocksIsShownWhereItBlocks() throws Exception {
    var stalled = new CompletableFuture<String>();
    var over = new CompletableFuture<String>();
    try (var platform = new ThreadPlatform(Engines.chosen(), (where, fault) -> {})) {
      var scheduler = platform.schedulers("events", 1).getFirst();
      var release = new CountDownLatch(1);
      // A machine under load may stall the scheduler by itself, which is told too.
      var watcher =
          platform.watchStalls(
              (level, text) -> {
                if (text.contains("StallWatchTest.block")) {
                  stalled.complete(text);
                } else if (stalled.isDone() && text.contains("stood still")) {
                  over.complete(text);
                }
              });
      scheduler.post(() -> block(release));
      var text = stalled.get(30, TimeUnit.SECONDS);
      assertThat(text).startsWith("Scheduler events-0 has not come round for ");
      assertThat(text.indexOf("StallWatchTest.block"))
          .as("innermost frames come first")
          .isLessThan(text.indexOf("Scheduler.drain"));
      assertThat(scheduler.longestStallNanos()).isGreaterThanOrEqualTo(StallWatch.STALL_NANOS);
      release.countDown();
      assertThat(over.get(30, TimeUnit.SECONDS)).contains("stood still for");
      watcher.close();
    }
  }

  private static void block(CountDownLatch release) {
    try {
      release.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
