package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlowVerdictTest {
  private static final Crowd.Census ALL = new Crowd.Census(100, 10, 100, 10, Map.of());
  private static final Crowd.Census LESS =
      new Crowd.Census(100, 10, 99, 10, Map.of("closed: 421 4.4.2 Timeout", 1));

  private static SlowRound round(double rate, double delivered, Crowd.Census crowd) {
    return new SlowRound(
        rate,
        delivered,
        new Latencies(),
        0,
        new Vitals(1, 1, Duration.ZERO),
        Duration.ZERO,
        crowd,
        Duration.ZERO);
  }

  private static SlowRound alone(double rate) {
    return new SlowRound(
        rate,
        rate,
        new Latencies(),
        0,
        new Vitals(1, 1, Duration.ZERO),
        Duration.ZERO,
        null,
        Duration.ZERO);
  }

  @Test
  void ratioIsThatOfTheMedians() {
    var verdict =
        new SlowVerdict(
            List.of(alone(1_000), alone(10), alone(1_100)),
            List.of(round(950, 960, ALL), round(5, 5, ALL), round(990, 2_000, ALL)),
            0.9);
    assertThat(verdict.ratio()).isEqualTo(0.95);
    assertThat(verdict.deliveredRatio()).isEqualTo(0.96);
    assertThat(verdict.incidents()).isEmpty();
    assertThat(verdict.lines()).singleElement().asString().contains("ratio 0.950");
  }

  @Test
  void evenNumberOfRoundsHasItsMedianBetweenTheMiddleTwo() {
    var rounds = List.of(alone(1), alone(4), alone(2), alone(100));
    assertThat(SlowVerdict.median(rounds, SlowRound::acknowledged)).isEqualTo(3);
  }

  @Test
  void lessThanTheLeastRatioIsAnIncidentAndExactlyTheLeastIsNot() {
    var alone = List.of(alone(1_000));
    assertThat(new SlowVerdict(alone, List.of(round(900, 900, ALL)), 0.9).incidents()).isEmpty();
    assertThat(new SlowVerdict(alone, List.of(round(899, 900, ALL)), 0.9).incidents())
        .containsExactly("honest sessions kept 0.899 of their rate, less than 0.900");
    assertThat(new SlowVerdict(alone, List.of(round(900, 500, ALL)), 0.9).incidents())
        .containsExactly("deliveries kept 0.500 of their rate, less than 0.900");
  }

  @Test
  void nothingMeasuredIsNeverGood() {
    var verdict = new SlowVerdict(List.of(alone(0)), List.of(round(0, 0, ALL)), 0.9);
    assertThat(verdict.incidents()).hasSize(2);
  }

  @Test
  void crowdThatDidNotStandIsAnIncidentThatSaysWhy() {
    var verdict = new SlowVerdict(List.of(alone(1)), List.of(round(1, 1, LESS)), 0.9);
    assertThat(verdict.incidents())
        .containsExactly("in round 1 not everybody stood: {closed: 421 4.4.2 Timeout=1}");
  }

  @Test
  void tooFewOpenFilesAreOneClearSentence() {
    OpenFiles.require(1_024, 1_024);
    assertThatThrownBy(() -> OpenFiles.require(12_020, 1_024))
        .isInstanceOf(Unavailable.class)
        .hasMessage(
            "12020 open files are needed and 1024 are allowed; raise the limit with 'ulimit -n"
                + " 12020'");
  }

  @Test
  void memoryPeakIsTheMostThatWasSeenByAnybody() {
    var peak = new MemoryPeak();
    assertThat(peak.line(1)).contains("unknown");
    assertThat(peak.isAbove(1)).isFalse();
    peak.sample(new Vitals(50_000_000, 60_000_000, Duration.ZERO));
    peak.sample(new Vitals(70_000_000, Vitals.UNKNOWN, Duration.ZERO));
    peak.sample(new Vitals(Vitals.UNKNOWN, Vitals.UNKNOWN, Duration.ZERO));
    peak.sample(new Vitals(10_000_000, 10_000_000, Duration.ZERO));
    assertThat(peak.peakBytes()).isEqualTo(70_000_000);
    assertThat(peak.lastBytes()).isEqualTo(10_000_000);
    assertThat(peak.isAbove(70_000_000)).isFalse();
    assertThat(peak.isAbove(69_999_999)).isTrue();
    assertThat(peak.isAbove(0)).isFalse();
  }

  @Test
  void statusOfAProcessIsReadInKibibytes() {
    String status = "Name:\tjava\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n";
    assertThat(Vitals.kibibytes(status, "VmRSS:")).isEqualTo(1 << 20);
    assertThat(Vitals.kibibytes(status, "VmHWM:")).isEqualTo(2 << 20);
    assertThat(Vitals.kibibytes("Name:\tdefunct\n", "VmRSS:")).isZero();
    assertThat(Vitals.kibibytes("", "VmRSS:")).isEqualTo(Vitals.UNKNOWN);
  }

  @Test
  void latenciesTellTheirPercentiles() {
    var latencies = new Latencies();
    assertThat(latencies.line()).isEqualTo("none");
    for (int i = 1; i <= 1_000; i++) {
      latencies.add(i * 1_000L);
    }
    latencies.add(Long.MAX_VALUE, 2);
    latencies.add(-5);
    assertThat(latencies.count()).isEqualTo(1_003);
    assertThat(latencies.micros(50)).isBetween(499_000L, 502_000L);
    assertThat(latencies.maxMicros()).isBetween(3_595_000_000L, 3_605_000_000L);
    assertThat(latencies.line()).startsWith("p50 50").endsWith("(1003)");
  }
}
