package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.message.Stub;
import org.flywheelmta.sim.Seeds;
import org.flywheelmta.sim.SimWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole server with little memory: every level is reached and left, and nothing is lost. */
@Timeout(300)
final class MemoryPressureSimulationTest {
  private static final int SEEDS = 3;
  private static final String ROOM_AGAIN = "memory_limit has room again: new mail is taken";

  static LongStream seeds() {
    return Seeds.upTo(SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyLevelIsReachedAndLeftAndNothingIsLost(long seed) {
    var scenario =
        new MemoryPressureScenario(new SimWorld(seed, MemoryPressureSimulationTest.class));
    scenario.run();
    var replay = Seeds.replayCommand(MemoryPressureSimulationTest.class, seed);
    assertThat(scenario.lost()).as(replay).isEmpty();
    assertThat(scenario.invented()).as(replay).isEmpty();
    assertThat(scenario.ledger.acknowledged()).as(replay).hasSizeGreaterThan(100);
    assertThat(scenario.counts)
        .as(replay)
        .allSatisfy((what, count) -> assertThat(count).as(what).isPositive());
    for (var level : List.of(Level.REFUSING, Level.SPILLING, Level.PAUSING)) {
      assertThat(scenario.operatorLines)
          .as(replay)
          .anyMatch(line -> line.contains(" to " + level.percent() + " %"));
    }
    assertThat(scenario.operatorLines).as(replay).contains(ROOM_AGAIN);
    assertThat(scenario.mostTaken)
        .as(replay)
        .isLessThanOrEqualTo(
            MemoryPressureScenario.BUDGET_BYTES + MemoryPressureScenario.ABOVE_BYTES);
    assertThat(scenario.mostHeld)
        .as(replay)
        .isLessThanOrEqualTo(
            MemoryPressureScenario.BUDGET_BYTES + MemoryPressureScenario.UNCOUNTED_BYTES);
    var server = scenario.server();
    assertThat(server.memory().taken()).as(replay).isZero();
    assertThat(server.queueMemory().taken()).as(replay).isZero();
    assertThat(server.pausedReads().paused()).as(replay).isZero();
  }

  @Test
  void restartTakesItsMessagesAboveTheMaximumAndRefusesMailUntilEnoughIsDelivered() {
    var scenario = new MemoryPressureScenario(new SimWorld(5, MemoryPressureSimulationTest.class));
    scenario.awaitReady();
    scenario.stallGateway();
    for (int i = 0; i < 40; i++) {
      scenario.send(4, 2_000);
    }
    scenario.world.run(20 * MemoryPressureScenario.SECOND);
    int before = scenario.ledger.acknowledged().size();
    assertThat(before).isGreaterThan(40);
    long room = (long) before * Stub.ENTRY_BYTES / 3;
    scenario.restart(2 * room);
    scenario.world.runUntil(
        () -> scenario.server().recovered(), 10 * MemoryPressureScenario.SECOND);
    assertThat(scenario.waiting()).isEqualTo(before);
    var queue = scenario.server().queueMemory();
    assertThat(queue.taken()).isGreaterThan(2 * queue.maximum());

    int refused = scenario.ledger.refused().size();
    scenario.send(1, 1_000);
    scenario.world.run(5 * MemoryPressureScenario.SECOND);
    assertThat(scenario.ledger.refused()).hasSizeGreaterThan(refused);
    assertThat(scenario.ledger.acknowledged()).hasSize(before);

    scenario.healGateway();
    scenario.recover();
    assertThat(queue.taken()).isZero();
    scenario.send(1, 1_000);
    scenario.world.run(5 * MemoryPressureScenario.SECOND);
    scenario.recover();
    assertThat(scenario.ledger.acknowledged()).hasSizeGreaterThan(before);
    assertThat(scenario.lost()).isEmpty();
  }
}
