package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.flywheelmta.sim.Seeds;
import org.flywheelmta.sim.SimWorld;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole server with little memory: every level is reached and left, and nothing is lost. */
@Timeout(300)
final class MemoryPressureSimulationTest {
  private static final int SEEDS = 3;

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
    System.out.println(
        scenario.counts + " most taken " + scenario.mostTaken + " held " + scenario.mostHeld + " paused " + scenario.mostPaused
        + " acked " + scenario.ledger.acknowledged().size() + " refused " + scenario.ledger.refused().size()
        + " deaf " + scenario.deaf() + " lines " + new java.util.LinkedHashSet<>(scenario.operatorLines));
    assertThat(scenario.lost()).as(replay).isEmpty();
    assertThat(scenario.invented()).as(replay).isEmpty();
    assertThat(scenario.ledger.acknowledged()).as(replay).hasSizeGreaterThan(100);
    assertThat(scenario.counts).as(replay).allSatisfy((what, count) -> assertThat(count).as(what).isPositive());
    var server = scenario.server();
    assertThat(server.memory().taken()).as(replay).isZero();
    assertThat(server.queueMemory().taken()).as(replay).isZero();
    assertThat(server.pausedReads().paused()).as(replay).isZero();
  }
}
