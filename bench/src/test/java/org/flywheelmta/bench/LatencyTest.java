package org.flywheelmta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.flywheelmta.torture.Latencies;
import org.flywheelmta.torture.MicroClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The arithmetic of {@code latency}, and what it measures with. */
final class LatencyTest {
  @TempDir private Path folder;

  private static Percentiles upTo(int micros) {
    var times = new Latencies();
    for (int i = 1; i <= micros; i++) {
      times.add(i);
    }
    return Percentiles.of(times);
  }

  private static LatencyStage stage(Percentiles reply, Percentiles force, String failure) {
    var good = new LatencyTurn("flywheel", 998.4, reply, reply, reply, reply, "");
    var other = new LatencyTurn("bare", 990, force, force, force, force, failure);
    return new LatencyStage(50, 1_000, List.of(good, other), force);
  }

  @Test
  void percentilesAreOfAllThatWereAdded() {
    assertThat(upTo(1_000)).isEqualTo(new Percentiles(1_000, 500, 900, 990, 999, 1_000));
    assertThat(upTo(1_000).words())
        .containsExactly("0.50", "0.90", "0.99", "1.00", "1.00", "1,000");
    assertThat(upTo(0)).isEqualTo(new Percentiles(0, 0, 0, 0, 0, 0));
    assertThat(upTo(0).words()).containsExactly("-", "-", "-", "-", "-", "0");
  }

  @Test
  void capacityIsTheLesserOfWhatComesInAndWhatGoesOut() {
    assertThat(new Capacity(20, 2_000, 1_600).share(25)).isEqualTo(400);
    assertThat(new Capacity(20, 1_200, 1_600).share(80)).isEqualTo(960);
    assertThat(new Capacity(20, 2_000, 1_600.4).line())
        .contains("20 sessions: 1,600 mails/s (acknowledged 2,000, delivered 1,600)");
  }

  @Test
  void stageEndsWithTheRatiosToTheForce() {
    var good = stage(upTo(1_000), upTo(500), "");
    assertThat(good.isGood()).isTrue();
    assertThat(good.lines(10_240)).first().isEqualTo("50 %: 1,000 mails/s");
    assertThat(good.lines(10_240))
        .endsWith(
            "flywheel: 998 offered/s; p99 of end of data to 250 / p99 of the force: 2.00",
            "bare: 990 offered/s; p99 of end of data to 250 / p99 of the force: 1.00")
        .anyMatch(line -> line.startsWith("flywheel, end of data to 250"))
        .anyMatch(line -> line.startsWith("bare, end of data to 250"))
        .anyMatch(line -> line.startsWith("force of 10,240 octets, alone"));
    var failed = stage(upTo(0), upTo(0), "3 mails did not arrive");
    assertThat(failed.isGood()).isFalse();
    assertThat(failed.lines(1)).endsWith("bare FAILED: 3 mails did not arrive");
    assertThat(failed.lines(1)).anyMatch(line -> line.endsWith("p99 of the force: -"));
  }

  @Test
  void stageIsWrittenWithMicroseconds() {
    var text = new StringWriter();
    try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      stage(upTo(1_000), upTo(500), "").write(json);
    }
    assertThat(text.toString())
        .startsWith("{\"share_percent\":50.0,\"meant_per_second\":1000.0,")
        .contains(
            "\"force_alone\":{\"count\":500,\"p50_micros\":250,\"p90_micros\":450,"
                + "\"p99_micros\":495,\"p999_micros\":500,\"max_micros\":500}")
        .contains("\"turns\":[{\"peer\":\"flywheel\",\"offered_per_second\":")
        .contains("\"p99_ratio\":2.0,\"error\":\"\"},{\"peer\":\"bare\",")
        .endsWith("\"p99_ratio\":1.0,\"error\":\"\"}]}");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 50, 20, 10240, 0, true",
    "0, 50, 20, 10240, 0, false",
    "1, 0, 20, 10240, 0, false",
    "1, 101, 20, 10240, 0, false",
    "1, 50, 0, 10240, 0, false",
    "1, 50, 2001, 10240, 0, false",
    "1, 50, 20, 0, 0, false",
    "1, 50, 20, 10240, -1, false",
  })
  void planSaysWhetherItMakesSense(
      int seconds, double share, int sessions, int size, long warmUp, boolean sensible) {
    var time = Duration.ofSeconds(seconds);
    var plan = new LatencyPlan(time, List.of(50.0, share), sessions, size, warmUp, 1);
    assertThat(plan.makesSense()).isEqualTo(sensible);
  }

  @Test
  void forcesStayInTheirFileAndAreAllCounted() throws Exception {
    var file = folder.resolve("force");
    var times = new Latencies();
    try (var force = RawForce.open(file, RawForce.FILE_OCTETS / 3)) {
      force.run(100, Duration.ofMillis(1), 1, times);
      assertThat(times.count()).isZero();
      for (long seed = 1; times.count() < 4; seed++) {
        force.run(1_000, Duration.ofMillis(10), seed, times);
      }
    }
    assertThat(Files.size(file)).isEqualTo(RawForce.FILE_OCTETS);
  }

  @Test
  void passageIsFromTheEndToTheSinkAndOnlyOfItsOwnMails() throws Exception {
    var passage = new Passage();
    long now = MicroClock.micros();
    passage.ending("s1-0", now - 5_000);
    passage.acknowledged("s1-0", now - 5_000, now);
    assertThat(passage.acknowledged().maxMicros()).isBetween(4_990L, 5_010L);
    for (var sender : List.of("", "s1-0@from.torture.test", "s1-0@from.torture.test")) {
      var to = sender.isEmpty() ? "s1-0@from.torture.test" : "s1-0.0@d0.torture.test";
      passage.begin(sender, List.of(to)).keep();
    }
    passage.begin("s1-1@from.torture.test", List.of("s1-1.0@d0.torture.test")).keep();
    passage.begin("a@example.com", List.of("b@example.com")).keep();
    assertThat(passage.delivered().count()).isEqualTo(1);
    assertThat(passage.delivered().maxMicros()).isGreaterThan(4_990);
  }
}
