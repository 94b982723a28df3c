package org.flywheelmta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {
  private final StringWriter text = new StringWriter();

  private int run(String... arguments) {
    var line = Main.commandLine();
    line.setOut(new PrintWriter(text)).setErr(new PrintWriter(text));
    return line.execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"relay", "latency", "idle", "start", "spool", "parse", "queue", "bare"})
  void everyCommandHasHelp(String name) {
    assertThat(run(name, "--help")).isZero();
    assertThat(text.toString()).contains("Usage: flywheel bench " + name);
  }

  @Test
  void bareLoopIsNotListed() {
    assertThat(run("--help")).isZero();
    assertThat(text.toString()).contains("relay").doesNotContain("bare  ");
  }

  @Test
  void wrongUsageExitsWith64() {
    assertThat(run()).isEqualTo(64);
    assertThat(run("relay", "--case", "fast")).isEqualTo(64);
    assertThat(text.toString()).contains("kept-20, kept-100, reconnect, large, accept");
    assertThat(run("start", "--starts", "0")).isEqualTo(64);
    assertThat(run("latency", "--shares", "25,0")).isEqualTo(64);
    assertThat(run("latency", "--shares", "half")).isEqualTo(64);
    assertThat(run("idle", "--connections", "0")).isEqualTo(64);
    assertThat(run("parse", "--", "-f", "often")).isEqualTo(64);
    assertThat(run("bare", "--forward", "nowhere", "--file", "x")).isEqualTo(64);
  }
}
