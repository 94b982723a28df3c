package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's first minute, as it is written there. */
@Tag("peers")
@Tag("sockets")
final class FirstMinutePeersTest {
  @TempDir private Path folder;

  @Test
  void mailOfSwaksEndsInTheSandboxAsTheReadmeSays() throws Exception {
    var minute = new FirstMinute(folder.resolve("var"));
    try (var server = minute.start()) {
      var arguments =
          swaksOfTheReadme().stream()
              .map(word -> word.replace(FirstMinute.ADDRESS, "127.0.0.1:" + server.port()))
              .toList();
      var programs = new PeerPrograms(folder);
      var swaks = programs.start("swaks", arguments);
      assertThat(swaks.waitFor(PeerPrograms.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(programs.output("swaks")).contains("<-  250 2.0.0 OK ");
      assertThat(swaks.exitValue()).isZero();
      minute.await(1);
    }
    assertThat(minute.mails())
        .singleElement()
        .asString()
        .startsWith("Return-Path: <alice@example.com>\nDelivered-To: <bob@example.net>\n")
        .contains("\n\nThis is a test mailing\n");
  }

  /** The arguments of the first line of README that calls swaks. */
  private static List<String> swaksOfTheReadme() throws Exception {
    var line =
        Files.readAllLines(Path.of("../README.md")).stream()
            .filter(text -> text.startsWith("$ swaks "))
            .findFirst()
            .orElseThrow();
    assertThat(line).contains(FirstMinute.ADDRESS);
    return List.of(line.substring("$ swaks ".length()).split(" ", -1));
  }
}
