package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A newcomer's first minute: mail goes round through a real server and ends in the sandbox. */
@Tag("sockets")
final class SandboxTest {
  private static final int MAILS = 200;

  @TempDir private Path folder;

  @Test
  void mailGoesRoundAndEndsInTheSandbox() throws Exception {
    var minute = new FirstMinute(folder);
    try (var server = minute.start();
        var caller = new LineCaller(server.port())) {
      assertThat(caller.send("bob@example.net", "Subject: hello\r\n\r\n..a dot"))
          .startsWith("250 2.0.0 OK ");
      assertThat(caller.send("carol@example.org", large())).startsWith("250 2.0.0 OK ");
      minute.await(2);
      assertThat(minute.mails())
          .anySatisfy(
              mail ->
                  assertThat(mail)
                      .startsWith(
                          "Return-Path: <alice@example.com>\nDelivered-To: <bob@example.net>\n"
                              + "Received: ")
                      .endsWith("Subject: hello\n\n.a dot\n"))
          .anySatisfy(
              mail ->
                  assertThat(mail)
                      .contains("Delivered-To: <carol@example.org>\n")
                      .endsWith(large().replace("\r", "") + "\n"));
    }
  }

  /** More than is kept in memory while it arrives. */
  private static String large() {
    return "Subject: large\r\n" + "\r\n0123456789abcdef".repeat(40_000);
  }

  @Test
  void deliveriesToTheOwnSandboxEndBeforeItStops() throws Exception {
    var minute = new FirstMinute(folder);
    for (int start = 0; start < 2; start++) {
      try (var server = minute.start();
          var caller = new LineCaller(server.port())) {
        for (int i = 0; i < MAILS; i++) {
          assertThat(caller.send("bob@example.net", "Subject: " + start + "-" + i))
              .startsWith("250");
        }
        // Many are on their way from this server to itself now.
      }
    }
    int kept = minute.mails().size();
    assertThat(PeerPrograms.events(folder.resolve("log"), "delivery")).hasSize(kept);
    assertThat(PeerPrograms.events(folder.resolve("log"), "tempfail"))
        .as("deliveries that a stop has cut off")
        .isEmpty();
    try (var server = minute.start()) {
      assertThat(server.port()).isPositive();
      minute.await(2 * MAILS);
    }
    assertThat(minute.mails()).hasSize(2 * MAILS);
  }

  @Test
  void sandboxThatCannotBeWrittenIsOneLineAndNothingStarts() throws Exception {
    Files.writeString(folder.resolve("sandbox"), "in the way");
    var failed =
        catchThrowableOfType(ExecutionException.class, () -> new FirstMinute(folder).start());
    assertThat(failed).isNotNull();
    assertThat(failed.getCause())
        .isInstanceOf(RunningServer.NotStarted.class)
        .hasMessageContaining("sandbox")
        .hasMessageNotContaining("\n");
    assertThat(folder.resolve("spool")).doesNotExist();
  }
}
