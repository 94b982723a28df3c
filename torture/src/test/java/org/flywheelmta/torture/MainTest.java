package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.flywheelmta.clients.DurationWords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class MainTest {
  private final StringWriter text = new StringWriter();

  private int run(String... arguments) {
    var line = Main.commandLine();
    line.setOut(new PrintWriter(text)).setErr(new PrintWriter(text));
    return line.execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kill", "power", "slow", "mix", "generate", "sink", "judge"})
  void everyCommandHasHelp(String name) {
    assertThat(run(name, "--help")).isZero();
    assertThat(text.toString()).contains("Usage: flywheel torture " + name);
  }

  @Test
  void wrongUsageExitsWith64() {
    assertThat(run()).isEqualTo(64);
    assertThat(run("kill", "--cycles", "many")).isEqualTo(64);
    assertThat(run("kill", "--cycles", "0")).isEqualTo(64);
    assertThat(run("kill", "--longest", "1 day")).isEqualTo(64);
    assertThat(run("power", "--cycles", "0")).isEqualTo(64);
    assertThat(run("power", "--data", "/nowhere")).isEqualTo(64);
    assertThat(run("generate")).isEqualTo(64);
    assertThat(run("generate", "--messages", "1", "--server", "nowhere")).isEqualTo(64);
    assertThat(run("sink", "--stall-share", "2")).isEqualTo(64);
    assertThat(run("slow", "--rounds", "0")).isEqualTo(64);
    assertThat(run("slow", "--idle", "0", "--slow", "0")).isEqualTo(64);
    assertThat(run("slow", "--round-time", "1m", "--idle-time", "1m")).isEqualTo(64);
    assertThat(run("mix", "--times", "0")).isEqualTo(64);
    assertThat(run("mix", "--waiting-max", "0")).isEqualTo(64);
    assertThat(run("mix", "--memory-budget", "much")).isEqualTo(64);
    assertThat(run("mix", "--sessions", "5000")).isEqualTo(64);
    assertThat(run("unknown")).isEqualTo(64);
  }

  @Test
  void missingJournalsExitWith74(@TempDir Path folder) {
    assertThat(run("judge", folder.toString())).isEqualTo(74);
  }

  @Test
  void scriptThatCannotBeJudgedExitsWith65(@TempDir Path folder) throws IOException {
    var script = folder.resolve("rules");
    Files.writeString(script, "rcpt 450 4.2.1 later\nrcpt say 250 never ended\n");
    for (var name : List.of("kill", "mix", "slow", "sink")) {
      assertThat(run(name, "--reply", script.toString())).isEqualTo(65);
    }
    assertThat(text.toString())
        .contains("torture: " + script + ":2: what a server makes of octets");
    assertThat(run("kill", "--reply", folder.resolve("none").toString())).isEqualTo(74);
  }

  @Test
  void durationsAreReadAsTheConfigurationWritesThem() {
    var words = new DurationWords();
    assertThat(words.convert("50ms")).isEqualTo(Duration.ofMillis(50));
    assertThat(words.convert("3s")).isEqualTo(words.convert("3"));
    assertThat(words.convert("2m")).isEqualTo(Duration.ofMinutes(2));
    assertThatThrownBy(() -> words.convert("soon")).isInstanceOf(TypeConversionException.class);
  }

  @Test
  void killTakesTwentyFiveCyclesWhereNothingIsSaid() {
    assertThat(run("kill", "--help")).isZero();
    assertThat(text.toString()).containsPattern("--cycles=N .*\\n +Default: 25");
  }

  @Test
  void sizesHaveUnits() {
    var words = new SizeWords();
    assertThat(words.convert("700MB")).isEqualTo(700_000_000);
    assertThat(words.convert("4096")).isEqualTo(4_096);
    assertThat(words.convert("1gb")).isEqualTo(1_000_000_000);
    assertThatThrownBy(() -> words.convert("MB")).isInstanceOf(TypeConversionException.class);
    assertThatThrownBy(() -> words.convert("1 MB")).isInstanceOf(TypeConversionException.class);
  }

  @Test
  void commandsAreCutIntoWordsAndTheirPlacesFilled() {
    assertThat(CommandWords.of(" run  \"a b\"{data}  x", Map.of("data", "/tmp/my data")))
        .isEqualTo(List.of("run", "a b/tmp/my data", "x"));
  }

  @Test
  void spoolListIsSearchedForAddressesOfRecipients() {
    String one = RunFolder.to("s1-0", 0);
    assertThat(SpoolList.addresses("id 7 <" + one + "> from s1-0@from.torture.test\n{\"a@b\"}"))
        .containsExactly(one);
  }
}
