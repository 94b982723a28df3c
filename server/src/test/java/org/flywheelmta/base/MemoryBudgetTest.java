package org.flywheelmta.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.sim.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Levels of a budget: where they are entered and left, alone and by several threads at once. */
@Timeout(120)
final class MemoryBudgetTest {
  private final MemoryBudget budget = new MemoryBudget("memory_limit", 1_000);
  private final List<String> changes = new ArrayList<>();

  private void listen() {
    budget.listen((from, to) -> changes.add(from + " " + to));
  }

  private void takeTo(long bytes) {
    budget.take(bytes - budget.taken());
  }

  private void releaseTo(long bytes) {
    budget.release(budget.taken() - bytes);
  }

  @ParameterizedTest
  @CsvSource({"REFUSING, 750, 700", "SPILLING, 850, 800", "PAUSING, 950, 900"})
  void levelIsEnteredAtItsShareAndLeftFivePercentBelow(Level level, long enter, long leave) {
    takeTo(enter - 1);
    assertThat(budget.level()).isLessThan(level);
    takeTo(enter);
    assertThat(budget.level()).isEqualTo(level);
    releaseTo(leave);
    assertThat(budget.level()).isEqualTo(level);
    releaseTo(leave - 1);
    assertThat(budget.level()).isLessThan(level);
    takeTo(enter - 1);
    assertThat(budget.level()).isLessThan(level);
  }

  @Test
  void listenersAreToldOncePerChange() {
    listen();
    takeTo(749);
    takeTo(750);
    takeTo(849);
    takeTo(999);
    assertThat(changes).containsExactly("OPEN REFUSING", "REFUSING PAUSING");
    changes.clear();
    releaseTo(900);
    assertThat(changes).isEmpty();
    releaseTo(899);
    releaseTo(800);
    releaseTo(10);
    releaseTo(0);
    assertThat(changes).containsExactly("PAUSING SPILLING", "SPILLING OPEN");
    assertThat(budget.counters().entered(Level.SPILLING)).isEqualTo(1);
    assertThat(budget.counters().left(Level.SPILLING)).isEqualTo(1);
  }

  @Test
  void triedTakingStopsAtTheMaximumAndForcedTakingDoesNot() {
    assertThat(budget.tryTake(1_001)).isFalse();
    assertThat(budget.tryTake(1_000)).isTrue();
    assertThat(budget.tryTake(1)).isFalse();
    assertThat(budget.tryTake(0)).isTrue();
    budget.take(500);
    assertThat(budget.taken()).isEqualTo(1_500);
    assertThat(budget.tryTake(0)).isFalse();
    assertThat(budget.level()).isEqualTo(Level.PAUSING);
    releaseTo(0);
    assertThat(budget.level()).isEqualTo(Level.OPEN);
    assertThatThrownBy(() -> budget.release(1)).isInstanceOf(BugException.class);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2", "7", "99", "101", "9223372036854775807"})
  void emptyBudgetOfAnySizeIsOpenAndFullOnePauses(long maximum) {
    var odd = new MemoryBudget("memory_limit", maximum);
    assertThat(odd.level()).isEqualTo(Level.OPEN);
    odd.take(Math.max(1, maximum));
    assertThat(odd.level()).isEqualTo(Level.PAUSING);
    odd.release(Math.max(1, maximum));
    assertThat(odd.level()).isEqualTo(Level.OPEN);
  }

  /** The level that a history of counts leads to, by the words of the design. */
  private static Level model(Level before, long taken) {
    var level = before;
    for (var each : Level.values()) {
      if (each != Level.OPEN && taken * 100 >= 1_000L * each.percent() && each.atLeast(level)) {
        level = each;
      }
    }
    while (level != Level.OPEN && taken * 100 < 1_000L * (level.percent() - 5)) {
      level = below(level);
    }
    return level;
  }

  private static Level below(Level level) {
    return switch (level) {
      case PAUSING -> Level.SPILLING;
      case SPILLING -> Level.REFUSING;
      case REFUSING, OPEN -> Level.OPEN;
    };
  }

  @Test
  void anyHistoryLeadsToTheLevelOfItsModel() {
    Seeds.upTo(200)
        .forEach(
            seed -> {
              var random = new SplittableRandom(seed);
              var one = new MemoryBudget("memory_limit", 1_000);
              var expected = Level.OPEN;
              for (int i = 0; i < 500; i++) {
                long step = random.nextLong(random.nextBoolean() ? 20 : 400);
                if (random.nextInt(100) < 52) {
                  one.tryTake(step);
                } else {
                  one.release(Math.min(step, one.taken()));
                }
                expected = model(expected, one.taken());
                assertThat(one.level())
                    .as(Seeds.replayCommand(MemoryBudgetTest.class, seed))
                    .isEqualTo(expected);
                assertThat(one.taken()).isBetween(0L, 1_000L);
              }
            });
  }

  /** True when nobody has to move the level: whoever moved it last saw the last count. */
  private static boolean fits(MemoryBudget shared) {
    long taken = shared.taken();
    var level = shared.level();
    var levels = Level.values();
    int index = level.index;
    boolean notHigher =
        index + 1 == levels.length || taken * 100 < shared.maximum() * levels[index + 1].percent();
    boolean notLower =
        level == Level.OPEN || taken * 100 >= shared.maximum() * (level.percent() - 5);
    return notHigher && notLower;
  }

  /**
   * Short races around the borders, many times over: three threads begin together, and when they
   * have ended nobody may have missed what the others did.
   */
  @Test
  void levelFitsTheCountOnceAllThreadsHaveReturned() throws Exception {
    int rounds = 4_000;
    var shared = new MemoryBudget("memory_limit", 1_000);
    var start = new CyclicBarrier(4);
    var end = new CyclicBarrier(4);
    var threads = new ArrayList<Thread>();
    for (int t = 0; t < 3; t++) {
      long seed = t;
      var thread =
          new Thread(
              () -> {
                var random = new SplittableRandom(seed);
                for (int round = 0; round < rounds; round++) {
                  await(start);
                  long amount = 240 + random.nextLong(120);
                  boolean taken = random.nextBoolean() && shared.tryTake(amount);
                  if (!taken) {
                    shared.take(amount);
                  }
                  if (random.nextBoolean()) {
                    shared.release(amount);
                    amount = 0;
                  }
                  await(end);
                  await(start);
                  shared.release(amount);
                  await(end);
                }
              });
      thread.start();
      threads.add(thread);
    }
    int above = 0;
    for (int half = 0; half < 2 * rounds; half++) {
      await(start);
      await(end);
      // The next round begins only when this thread has come to the barrier too.
      assertThat(fits(shared)).as("%s at %d", shared.level(), shared.taken()).isTrue();
      above += shared.level() == Level.OPEN ? 0 : 1;
      for (var level : Level.values()) {
        long inside = shared.counters().entered(level) - shared.counters().left(level);
        boolean within = level != Level.OPEN && shared.atLeast(level);
        assertThat(inside).as("%s", level).isEqualTo(within ? 1 : 0);
      }
    }
    for (var thread : threads) {
      thread.join();
    }
    assertThat(shared.taken()).isZero();
    assertThat(shared.level()).isEqualTo(Level.OPEN);
    assertThat(above).as("rounds that ended above open").isGreaterThan(rounds / 100);
  }

  /**
   * The one race that a level could miss: one thread sees the count above a border and is about to
   * move the level, while the other goes back below it and finds the level not moved yet. Both
   * begin as closely together as two processors can, over and over.
   */
  @Test
  void crossingThatIsTakenBackAtTheSameMomentIsSeen() throws Exception {
    int rounds = 100_000;
    var shared = new MemoryBudget("memory_limit", 1_000);
    shared.take(740);
    var turn = new AtomicInteger();
    var done = new AtomicInteger();
    var down =
        new Thread(
            () -> {
              for (int round = 1; round <= rounds; round++) {
                awaitAtLeast(turn, round);
                shared.release(70);
                done.set(round);
              }
            });
    down.start();
    int missed = 0;
    for (int round = 1; round <= rounds; round++) {
      turn.set(round);
      shared.take(20);
      awaitAtLeast(done, round);
      missed += shared.level() == Level.OPEN ? 0 : 1;
      shared.release(shared.taken());
      shared.take(740);
    }
    down.join();
    assertThat(missed).as("rounds that ended at 69 percent and not open").isZero();
  }

  // Where there is one processor only, or others use them, the other thread has to run first.
  @SuppressWarnings("ThreadPriorityCheck")
  private static void awaitAtLeast(AtomicInteger number, int least) {
    for (int spins = 0; number.get() < least; spins++) {
      if (spins > 1_000) {
        Thread.yield();
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception broken) {
      throw new AssertionError("a thread has failed", broken);
    }
  }
}
