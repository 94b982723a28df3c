package org.flywheelmta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What other programs print, and what becomes of it. */
final class FiguresTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sess=0 quit=0 mesg=7R                    | 7
          sg=9Rsess=1 quit=0 mesg=10Rsess=1 quit=1 | 10
          mesg=99Rsess=0 quit=0 mesg=10            | 99
          sess=0 quit=0 mesg=                      | 0
          ''                                       | 0
          """)
  void countOfTheSinkIsTheLastThatIsWrittenOut(String tail, long count) {
    assertThat(SmtpSink.count(tail.replace('R', '\r'))).isEqualTo(count);
  }

  @Test
  void processorTimeIsThatOfTheProcessAndOfItsBuriedChildren() {
    var line =
        "42 (a (b) c) S 1 42 42 0 -1 4194304 900 800 7 6 100 20 3 4 20 0 33 0 5 1000 200 184467";
    assertThat(ProcessTree.ticks(line)).isEqualTo(127);
    assertThat(ProcessTree.ticks("")).isZero();
  }

  @Test
  void memoryIsTheProportionalShare() {
    assertThat(ProcessTree.share("Rss:  900 kB\nPss:   12 kB\nPss_Anon: 7 kB\n")).isEqualTo(12_288);
    assertThat(ProcessTree.share("")).isZero();
  }

  @Test
  void ownProcessHasBoth() throws Exception {
    var own = new ProcessTree(ProcessHandle.current(), Machine.ticksPerSecond());
    assertThat(own.cpu()).isPositive();
    assertThat(own.memory()).isPositive();
    assertThat(Machine.forcedWrites()).isNotNegative();
    assertThat(Machine.own().memoryBytes()).isPositive();
  }

  @Test
  void medianOfAnEvenCountLiesBetweenTheTwoInTheMiddle() {
    assertThat(Spread.of(DoubleStream.of(4, 1, 9, 2))).isEqualTo(new Spread(1, 3, 9));
    assertThat(Spread.of(DoubleStream.of(3, 1, Double.NaN, 2))).isEqualTo(new Spread(1, 2, 3));
    assertThat(Spread.of(DoubleStream.of(3, 1, 2)).words("%.1f")).isEqualTo("2.0 (1.0-3.0)");
    assertThat(Spread.of(DoubleStream.empty()).words("%.1f")).isEqualTo("-");
  }

  @Test
  void slowPeersHaveFewerMailsInProportion() {
    assertThat(RelayCase.KEPT_20.messages(20_000, true)).isEqualTo(4_000);
    assertThat(RelayCase.LARGE.messages(20_000, false)).isEqualTo(1_000);
    assertThat(RelayCase.LARGE.messages(200_000, true)).isEqualTo(3_000);
    assertThat(RelayCase.KEPT_100.messages(1, true)).isEqualTo(100);
  }

  @Test
  void tableHasMediansRatiosAndWhatFailed() {
    var table =
        new RelayTable(
            RelayCase.KEPT_20,
            List.of(
                run("ours", 1, 2, 1, ""),
                run("theirs", 1, 20, 5, ""),
                run("ours", 2, 1, 3, "2 mails did not arrive in time"),
                run("ours", 3, 4, 3, "")));
    assertThat(String.join("\n", table.lines()))
        .isEqualTo(
            """
            kept-20: 20 sessions, kept open, 10,240 octets each; medians (least-most)
            peer    runs       accepted/s   end to end/s          CPU s/1,000  MiB  forced/mail
            ours       2  750 (500-1,000)  375 (250-500)  2.000 (1.000-3.000)    1         0.50
            theirs     1    100 (100-100)     50 (50-50)  5.000 (5.000-5.000)    1         0.50

            end to end, row / column   ours  theirs
            ours                               7.50
            theirs                    0.133

            CPU, row / column  ours  theirs
            ours                      0.400
            theirs             2.50
            FAILED: ours, round 2: 2 mails did not arrive in time""");
  }

  static RelayRun run(String peer, int round, int seconds, int cpuSeconds, String error) {
    return new RelayRun(
        RelayCase.KEPT_20,
        peer,
        round,
        1_000,
        Duration.ofMillis(seconds * 500L),
        Duration.ofSeconds(seconds),
        Duration.ofSeconds(cpuSeconds),
        1 << 20,
        500,
        error);
  }
}
