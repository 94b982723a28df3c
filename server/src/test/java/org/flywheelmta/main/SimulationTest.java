package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.flywheelmta.sim.Plan;
import org.flywheelmta.sim.Seeds;
import org.flywheelmta.sim.SimScenario;
import org.flywheelmta.sim.SimWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole server in one thread from one seed: five hundred mails come in by ten sessions at once
 * while the gateway fails and recovers, connections break, the clock is set, and the machine loses
 * its power. Any number of seeds: {@code ./flywheel test --seeds 1000 -Dtest=SimulationTest}; one
 * of them: {@code ./flywheel test --seed 17}.
 */
final class SimulationTest {
  private static final int SEEDS = 50;
  private static final int SEEDS_OF_VOLUMES = 8;

  static LongStream seeds() {
    return Seeds.upTo(SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Timeout(120)
  void everyAcknowledgedMailArrivesWholeThroughPowerCutsAndAFailingGateway(long seed) {
    var world = new SimWorld(seed, SimulationTest.class);
    var scenario = new SimScenario(world, Plan.hard(), SimServer::start);
    var verdict = scenario.run();
    System.out.println("seed " + seed + ": " + scenario.story());
    assertThat(verdict.good())
        .as("%s%n%s", verdict, Seeds.replayCommand(SimulationTest.class, seed))
        .isTrue();
  }

  static LongStream seedsOfVolumes() {
    return Seeds.upTo(SEEDS_OF_VOLUMES);
  }

  @ParameterizedTest
  @MethodSource("seedsOfVolumes")
  @Timeout(120)
  void soItDoesWithASpoolOfSeveralVolumes(long seed) {
    var world = new SimWorld(seed, SimulationTest.class);
    var verdict = new SimScenario(world, Plan.hard(), SimServer::startOfVolumes).run();
    assertThat(verdict.good())
        .as("%s%n%s", verdict, Seeds.replayCommand(SimulationTest.class, seed))
        .isTrue();
  }

  @Test
  @Timeout(120)
  void sameSeedGivesTheSameTrace() {
    assertThat(trace(7)).isEqualTo(trace(7)).isNotEqualTo(trace(8));
  }

  private static long trace(long seed) {
    var world = new SimWorld(seed, SimulationTest.class);
    var _ = new SimScenario(world, Plan.hard(), SimServer::start).run();
    return world.traceHash();
  }
}
