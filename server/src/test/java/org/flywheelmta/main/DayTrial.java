package org.flywheelmta.main;

import java.util.function.LongFunction;
import org.flywheelmta.sim.Day;
import org.flywheelmta.sim.DayScenario;
import org.flywheelmta.sim.SimFailure;
import org.flywheelmta.sim.SimWorld;

/**
 * Runs a day from a seed and tells in one line what was found: an empty one when nothing was. It is
 * reached by its name alone, so that a loader can give it classes of its own.
 */
public final class DayTrial implements LongFunction<String> {
  @Override
  public String apply(long seed) {
    try {
      var world = new SimWorld(seed, DayTest.class);
      var verdict = new DayScenario(world, Day.usual(), SimServer::lives).run();
      return verdict.good() ? "" : verdict.faults();
    } catch (SimFailure failure) {
      return String.valueOf(failure.getMessage()).lines().findFirst().orElseThrow();
    }
  }
}
