package org.flywheelmta.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What a connection takes counts three times, and leaves in two ways. */
final class MemoryAccountTest {
  private final Limit listener = new Limit("listener_memory", 400);
  private final MemoryBudget budget = new MemoryBudget("memory_limit", 1_000);
  private final MemoryAccount one = new MemoryAccount(listener, budget);
  private final MemoryAccount other = new MemoryAccount(listener, budget);

  private void check(long ofOne, long ofListener, long ofAll) {
    assertThat(one.taken()).isEqualTo(ofOne);
    assertThat(listener.taken()).isEqualTo(ofListener);
    assertThat(budget.taken()).isEqualTo(ofAll);
  }

  @Test
  void whatIsTakenCountsForConnectionListenerAndAll() {
    assertThat(one.tryTake(100)).isTrue();
    assertThat(other.tryTake(50)).isTrue();
    check(100, 150, 150);
    one.release(40);
    check(60, 110, 110);
  }

  @Test
  void whatPassesToTheQueueStaysTakenOfTheBudgetAlone() {
    one.take(100);
    one.pass(100);
    check(0, 0, 100);
    budget.release(100);
    assertThatThrownBy(() -> one.pass(1)).isInstanceOf(BugException.class);
  }

  @Test
  void fullListenerOrBudgetTakesNothing() {
    assertThat(one.tryTake(401)).isFalse();
    check(0, 0, 0);
    budget.take(900);
    assertThat(one.tryTake(200)).isFalse();
    check(0, 0, 900);
  }

  @Test
  void listenerIsShortFromThreeQuartersOn() {
    one.take(297);
    assertThat(other.isShort()).isFalse();
    one.take(3);
    assertThat(other.isShort()).isTrue();
    var unlimited = new MemoryAccount(new Limit("listener_memory", Long.MAX_VALUE), budget);
    assertThat(unlimited.isShort()).isFalse();
  }
}
