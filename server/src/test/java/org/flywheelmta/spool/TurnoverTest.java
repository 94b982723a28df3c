package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TurnoverTest {
  private static final long SECOND = 1_000_000_000L;

  private final Turnover turnover = new Turnover();

  private void take(int count) {
    for (int i = 0; i < count; i++) {
      turnover.taken();
    }
  }

  @Test
  void paceOfTheLastSecondCounts() {
    turnover.pass(5);
    take(7);
    assertThat(turnover.lately()).isEqualTo(7);
    turnover.pass(5 + SECOND);
    take(2);
    assertThat(turnover.lately()).isEqualTo(7);
    turnover.pass(5 + 2 * SECOND);
    assertThat(turnover.lately()).isEqualTo(2);
    turnover.pass(5 + 3 * SECOND);
    assertThat(turnover.lately()).isZero();
  }

  @Test
  void whatWasLongAgoDoesNotCount() {
    turnover.pass(0);
    take(9);
    turnover.pass(3 * SECOND);
    assertThat(turnover.lately()).isZero();
  }

  @Test
  void itHasABound() {
    turnover.pass(0);
    take(1000);
    assertThat(turnover.lately()).isEqualTo(Turnover.MOST);
  }
}
