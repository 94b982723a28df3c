package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ParseBenchmarkTest {
  private final ParseBenchmark benchmark = new ParseBenchmark();

  @Test
  void commandsAreTakenAgainAndAgain() {
    for (int i = 0; i < 2; i++) {
      assertThat(benchmark.mail()).hasToString("sender-1234@news.example.net");
      assertThat(benchmark.rcpt()).hasToString("user-5678@example.com");
    }
  }

  @Test
  void dataIsAMailOfTenKibibytes() {
    assertThat(benchmark.data()).isEqualTo(ParseBenchmark.DATA_OCTETS);
    assertThat(benchmark.dataOctets()).isEqualTo(ParseBenchmark.DATA_OCTETS);
  }
}
