package org.flywheelmta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.smtp.ParseBenchmark;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.options.Options;
import picocli.CommandLine;

/** What JMH is told. */
final class MicroCommandTest {
  private static Options options(String... arguments) {
    var command = new ParseCommand();
    new CommandLine(command).parseArgs(arguments);
    return command.options(ParseBenchmark.class, List.of("-Da=b"));
  }

  @Test
  void defaultsAreShortAndOfOneClass() {
    var options = options();
    assertThat(options.getIncludes()).singleElement().asString().contains("smtp.ParseBenchmark.");
    assertThat(options.getForkCount().get()).isEqualTo(1);
    assertThat(options.getWarmupIterations().get()).isEqualTo(3);
    assertThat(options.getMeasurementIterations().get()).isEqualTo(5);
    assertThat(options.getMeasurementTime().get()).hasToString("1 s");
    assertThat(options.getJvmArgsAppend().get()).containsExactly("-Da=b");
    assertThat(options.getResult().hasValue()).isFalse();
  }

  @Test
  void whatIsGivenWins() {
    var options =
        options(
            "--json",
            "out.json",
            "--",
            "-f",
            "2",
            "-i",
            "9",
            "-jvmArgsAppend",
            "-Xmx1g",
            "dataOctets");
    assertThat(options.getJvmArgsAppend().get()).containsExactly("-Da=b", "-Xmx1g");
    assertThat(options.getIncludes()).containsExactly("dataOctets");
    assertThat(options.getForkCount().get()).isEqualTo(2);
    assertThat(options.getMeasurementIterations().get()).isEqualTo(9);
    assertThat(options.getWarmupIterations().get()).isEqualTo(3);
    assertThat(options.getResult().get()).isEqualTo(Path.of("out.json").toString());
  }
}
