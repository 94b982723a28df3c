package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.flywheelmta.sim.Seeds;
import org.flywheelmta.sim.SimScenario;
import org.flywheelmta.sim.SimWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole server in one thread from one seed: mails come in while the gateway fails and recovers
 * and the machine loses its power. Any number of seeds: {@code -Dflywheel.seeds=1000}.
 */
@Timeout(300)
final class SimulationTest {
  private static final int SEEDS = 5;

  static LongStream seeds() {
    return Seeds.upTo(SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyAcknowledgedMailArrivesWholeThroughPowerCutsAndAFailingGateway(long seed) {
    var world = new SimWorld(seed, SimulationTest.class);
    var scenario = new SimScenario(world, SimScenario.Plan.hour(), SimServer::start);
    var verdict = scenario.run();
    assertThat(verdict.good())
        .as("%s%n%s", verdict, Seeds.replayCommand(SimulationTest.class, seed))
        .isTrue();
  }

  @Test
  void sameSeedGivesTheSameTrace() {
    assertThat(trace(7)).isEqualTo(trace(7)).isNotEqualTo(trace(8));
  }

  private static long trace(long seed) {
    var world = new SimWorld(seed, SimulationTest.class);
    var _ = new SimScenario(world, SimScenario.Plan.hour(), SimServer::start).run();
    return world.traceHash();
  }
}
