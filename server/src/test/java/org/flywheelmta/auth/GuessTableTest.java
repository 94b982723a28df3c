package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class GuessTableTest {
  private static final int CELLS = 1 << 10;

  private final GuessTable table = new GuessTable(CELLS, 1_000_000);

  private static GuessKey key(SplittableRandom random) {
    return new GuessKey(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  @Test
  void levelLeaksWithTime() {
    var key = key(new SplittableRandom(1));
    table.add(key, 100, 0);
    table.add(key, 100, 50);
    assertThat(table.level(key, 50)).isEqualTo(150);
    assertThat(table.level(key, 199)).isEqualTo(1);
    assertThat(table.level(key, 1_000)).isZero();
    table.add(key, 100, 1_000);
    assertThat(table.level(key, 1_000)).isEqualTo(100);
    table.takeBack(key, 100);
    assertThat(table.level(key, 1_000)).isZero();
  }

  @Test
  void noLevelRisesAboveTheMost() {
    var key = key(new SplittableRandom(1));
    for (int i = 0; i < 100; i++) {
      table.add(key, 100_000, 0);
    }
    assertThat(table.level(key, 0)).isEqualTo(1_000_000);
  }

  @Test
  void noKeyCountsForLessThanItHasEarned() {
    var random = new SplittableRandom(2);
    var keys = new ArrayList<GuessKey>();
    for (int i = 0; i < 5_000; i++) {
      keys.add(key(random));
      table.add(keys.get(i), 10, 0);
    }
    assertThat(keys).allSatisfy(key -> assertThat(table.level(key, 0)).isGreaterThanOrEqualTo(10));
  }

  @Test
  void nothingThatThreadsAddAtOnceIsLost() throws InterruptedException {
    var key = key(new SplittableRandom(3));
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int j = 0; j < 10_000; j++) {
                      table.add(key, 25, 0);
                      table.takeBack(key, 5);
                    }
                  }));
    }
    for (var thread : List.copyOf(threads)) {
      thread.join();
    }
    assertThat(table.level(key, 0)).isEqualTo(800_000);
  }
}
