package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as they are called, with a small relay as the server process. */
class RunTest {
  @TempDir Path folder;

  private final StringWriter text = new StringWriter();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream out = System.out;

  /** Verdicts go to standard output, which a test run has better uses for. */
  @BeforeEach
  void catchWhatIsPrinted() {
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void letGo() {
    System.setOut(out);
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private int run(String name, String command, String... more) {
    var words = new ArrayList<>(List.of(name, "--command", command, "--seed", "11"));
    words.addAll(List.of("--folder", folder.resolve("run").toString(), "--quiet", "200ms"));
    words.addAll(List.of(more));
    var line = Main.commandLine();
    line.setOut(new PrintWriter(text)).setErr(new PrintWriter(text));
    int code = line.execute(words.toArray(String[]::new));
    assertThat(text.toString()).isEmpty();
    return code;
  }

  private int mix(SmallRelay.Way way, String... more) {
    return mix(SmallRelay.command(way), more);
  }

  private int mix(String command, String... more) {
    var words = new ArrayList<>(List.of("--calm", "--sessions", "8", "--time", "500ms"));
    words.addAll(List.of("--drain-limit", "1s", "--size", "500"));
    words.addAll(List.of(more));
    return run("mix", command, words.toArray(String[]::new));
  }

  @Test
  void mixOfAnHonestRelayIsGoodAtThreeTimesWhatItMeasured() {
    assertThat(mix(SmallRelay.Way.HONEST, "--measure", "500ms", "--memory-budget", "1GB")).isZero();
    assertThat(printed())
        .contains("capacity, by a closed loop of 8 sessions: acknowledged")
        .contains("offered from now on: 3.0 times that")
        .endsWith("judge it again with: torture judge " + folder.resolve("run") + "\n")
        .contains("good");
    assertThat(Files.exists(folder.resolve("run").resolve(History.LEDGER))).isTrue();
  }

  @Test
  void mixFailsWhereMailIsLost() {
    assertThat(mix(SmallRelay.Way.LOSE, "--rate", "200")).isEqualTo(1);
    assertThat(printed()).contains("was acknowledged and never came").contains("BAD");
  }

  @Test
  void mixFailsWhereTheServerHoldsMoreThanItsBudget() {
    boolean known = Vitals.own().residentBytes() != Vitals.UNKNOWN;
    int code = mix(SmallRelay.Way.HONEST, "--rate", "200", "--memory-budget", "1MB");
    assertThat(code).isEqualTo(known ? 1 : 0);
    assertThat(printed()).contains(known ? "more than its budget of 1 MB" : "unknown");
  }

  @Test
  void mixFailsWhereTheServerEndsByItself() {
    assertThat(mix("false {port}")).isEqualTo(1);
    assertThat(printed()).contains("incident: the server ended by itself with exit code 1");
  }

  private int slow(String leastRatio, SmallRelay.Way way) {
    return run(
        "slow",
        SmallRelay.command(way),
        "--idle=30",
        "--slow=15",
        "--octet-every=50ms",
        "--rounds=1",
        "--round-time=300ms",
        "--warm-up=0s",
        "--drain-limit=1s",
        "--least-ratio=" + leastRatio);
  }

  @Test
  void slowIsGoodWhereSessionsKeepAsMuchAsIsAsked() {
    assertThat(slow("0.01", SmallRelay.Way.HONEST)).isZero();
    assertThat(printed()).contains("stand: idle 30 of 30  slow 15 of 15").contains("good");
  }

  @Test
  void slowFailsWhereTheyKeepLess() {
    assertThat(slow("100", SmallRelay.Way.HONEST)).isEqualTo(1);
    assertThat(printed()).contains("incident: honest sessions kept").contains(" lost 0 ");
  }

  @Test
  void slowFailsWhereAnHonestMailDoesNotArrive() {
    assertThat(slow("0.01", SmallRelay.Way.LOSE)).isEqualTo(1);
    assertThat(printed()).contains("was acknowledged and never came").contains("BAD");
  }
}
