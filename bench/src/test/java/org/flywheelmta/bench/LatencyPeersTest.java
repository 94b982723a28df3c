package org.flywheelmta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of it with few mails, through both servers; no time is judged. */
@Tag("peers")
final class LatencyPeersTest {
  @TempDir private Path folder;

  @Test
  void everyPeerHasItsTurnInEveryStageAndLosesNothing() throws Exception {
    var json = folder.resolve("result.json");
    var arguments =
        new String[] {
          "latency",
          "--stage-time",
          "500ms",
          "--shares",
          "5,5",
          "--sessions",
          "4",
          "--warm-up",
          "50",
          "--json",
          json.toString()
        };
    // Not 0 where a mail was refused or did not arrive in its turn.
    assertThat(Main.commandLine().execute(arguments)).isZero();
    var turn = "\"turns\":[{\"peer\":\"%s\",";
    assertThat(Files.readString(json))
        .contains("\"versions\":{\"flywheel\":")
        .containsSubsequence(turn.formatted("flywheel"), "{\"peer\":\"bare\",")
        .containsSubsequence(turn.formatted("bare"), "{\"peer\":\"flywheel\",");
  }
}
