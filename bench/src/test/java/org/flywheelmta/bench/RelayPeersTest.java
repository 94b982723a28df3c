package org.flywheelmta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of it with few mails, through every peer that is installed. */
@Tag("peers")
final class RelayPeersTest {
  @TempDir private Path folder;

  @Test
  void everyPeerRelaysEveryMailOnce() throws Exception {
    var json = folder.resolve("result.json");
    var arguments =
        new String[] {
          "relay",
          "--case",
          "kept-20",
          "--case",
          "accept",
          "--rounds",
          "1",
          "--messages",
          "100",
          "--warm-up",
          "0",
          "--json",
          json.toString()
        };
    assertThat(Main.commandLine().execute(arguments)).isZero();
    assertThat(Files.readString(json))
        .contains("{\"case\":\"kept-20\",\"peer\":\"flywheel\",\"round\":1,\"messages\":100,")
        .contains("{\"case\":\"kept-20\",\"peer\":\"bare\",\"round\":1,\"messages\":100,")
        .contains("{\"case\":\"accept\",\"peer\":\"flywheel\",\"round\":1,\"messages\":100,");
  }
}
