package org.flywheelmta.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The judge finds each thing that a server can do wrong, and nothing in one that is right. */
@Timeout(60)
class JudgeTest {
  static LongStream seeds() {
    return Seeds.upTo(6);
  }

  private static Verdict verdict(long seed, RelayDouble.Wrong wrong) {
    var world = new SimWorld(seed, JudgeTest.class);
    return new SimScenario(world, Plan.hour(), new RelayDouble.Lives(wrong)).run();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void goodRelayIsFoundGood(long seed) {
    assertThat(verdict(seed, RelayDouble.Wrong.NOTHING))
        .satisfies(verdict -> assertThat(verdict.good()).isTrue());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyWrongIsFound(long seed) {
    assertThat(verdict(seed, RelayDouble.Wrong.LOSES).lost()).hasSize(1);
    assertThat(verdict(seed, RelayDouble.Wrong.DAMAGES).damaged()).isNotEmpty();
    assertThat(verdict(seed, RelayDouble.Wrong.INVENTS).invented()).isNotEmpty();
    assertThat(verdict(seed, RelayDouble.Wrong.REPEATS).duplicates()).isNotEmpty();
  }

  @Test
  void troubleThatWasDueAndNeverCameFailsTheRun() {
    var world = new SimWorld(1, JudgeTest.class);
    world.faults().expect(Fault.LARGE_MAIL, 1);
    var scenario = new SimScenario(world, Plan.hour(), new RelayDouble.Lives());
    assertThatThrownBy(scenario::run)
        .isInstanceOf(SimFailure.class)
        .hasMessageContaining("what was due did not happen: large-mail 0/1");
  }

  @Test
  void mailThatIsKeptForEverFailsTheRun() {
    assertThatThrownBy(() -> verdict(1, RelayDouble.Wrong.KEEPS))
        .isInstanceOf(SimFailure.class)
        .hasMessageContaining("still waiting")
        .hasMessageContaining("--seed 1");
  }
}
