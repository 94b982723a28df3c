package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.flywheelmta.sim.Day;
import org.flywheelmta.sim.DayScenario;
import org.flywheelmta.sim.Seeds;
import org.flywheelmta.sim.SimWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Twenty-four hours of a sender's life, from a seed: mail for forty domains by MX records, hosts
 * that fail, put off, refuse and move, name servers that fail or are slow, power cuts, a kill and
 * steps of the clock. Any number of seeds: {@code ./flywheel test --days 200}; one of them: {@code
 * ./flywheel test -Dtest=DayTest --seed 17}.
 */
final class DayTest {
  private static final int SEEDS = 8;

  static LongStream seeds() {
    return Seeds.upTo(SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Timeout(120)
  void whatCanBeDeliveredIsWithinTwoLongestRetriesOnceTheFaultsEnd(long seed) {
    var world = new SimWorld(seed, DayTest.class);
    var scenario = new DayScenario(world, Day.usual(), SimServer::lives);
    var verdict = scenario.run();
    System.out.println("day " + seed + ": " + scenario.story());
    assertThat(verdict.good())
        .as("%s%n%s", verdict.faults(), Seeds.replayCommand(DayTest.class, seed))
        .isTrue();
  }

  @Test
  @Timeout(120)
  void sameSeedGivesTheSameTrace() {
    assertThat(trace(7)).isEqualTo(trace(7)).isNotEqualTo(trace(8));
  }

  private static long trace(long seed) {
    var world = new SimWorld(seed, DayTest.class);
    var _ = new DayScenario(world, Day.usual(), SimServer::lives).run();
    return world.traceHash();
  }
}
