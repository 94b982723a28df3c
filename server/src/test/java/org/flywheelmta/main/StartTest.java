package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server on real sockets and files starts as a whole, or not at all with one clear line. */
@Tag("sockets")
final class StartTest {
  private static final int READ_LIMIT_MILLIS = 20_000;

  @TempDir private Path folder;

  private static String configuration(int port) {
    return """
        suspend_delivery = yes
        spool { path = "spool"  segment_size = 1MB }
        esmtp_listener { listen "127.0.0.1:%d" { relay_hosts = ( "127.0.0.0/8" ) } }
        """
        .formatted(port);
  }

  @Test
  void mailIsTakenAndKeptOverARestart() throws Exception {
    try (var server = RunningServer.start(folder, configuration(0))) {
      assertThat(dialogue(server.port(), "MAIL FROM:<a@x.test>", "RCPT TO:<b@y.test>", "DATA"))
          .startsWith("354");
    }
    try (var server = RunningServer.start(folder, configuration(0))) {
      takeMail(server);
    }
    try (var server = RunningServer.start(folder, configuration(0))) {
      assertThat(dialogue(server.port(), "NOOP")).startsWith("250");
      assertThat(server.waiting()).isEqualTo(1);
    }
  }

  @Test
  void takenPortIsNamed() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      var failure = failure(configuration(port));
      assertThat(failure)
          .hasMessage(
              "cannot listen on 127.0.0.1:%d: port %d is taken by another listener of this"
                      .formatted(port, port)
                  + " configuration");
      assertThat(failure.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    }
    assertThat(folder.resolve("spool")).doesNotExist();
  }

  @Test
  void lockedSpoolNamesItsHolder() throws Exception {
    try (var server = RunningServer.start(folder, configuration(0))) {
      assertThat(server.port()).isPositive();
      var failure = failure(configuration(0));
      assertThat(failure)
          .hasMessageContaining("locked by")
          .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
      assertThat(failure.exitCode()).isEqualTo(ExitCode.TEMPORARY);
    }
  }

  @Test
  void spoolOfAnUnknownVersionIsOneLine() throws Exception {
    try (var server = RunningServer.start(folder, configuration(0))) {
      takeMail(server);
    }
    var segment = segments().getFirst();
    SpoolVersions.raise(segment);
    var before = Files.readAllBytes(segment);
    var failure = failure(configuration(0));
    assertThat(failure).hasMessageContaining("version").hasMessageNotContaining("\n");
    assertThat(failure.exitCode()).isEqualTo(ExitCode.DATA);
    assertThat(Files.readAllBytes(segment)).as("nothing was touched").isEqualTo(before);
  }

  private static void takeMail(RunningServer server) throws Exception {
    assertThat(
            dialogue(
                server.port(),
                "MAIL FROM:<a@x.test>",
                "RCPT TO:<b@y.test>",
                "DATA",
                "Subject: kept\r\n\r\n..stuffed\r\n."))
        .startsWith("250 2.0.0 OK ");
  }

  private List<Path> segments() throws Exception {
    try (var files = Files.list(folder.resolve("spool"))) {
      return files.filter(file -> file.toString().endsWith(".fws")).sorted().toList();
    }
  }

  @Test
  void folderThatIsAFileIsOneLine() throws Exception {
    Files.writeString(folder.resolve("spool"), "in the way");
    var failure = failure(configuration(0));
    assertThat(failure).hasMessageContaining("spool").hasMessageNotContaining("\n");
    assertThat(failure.exitCode()).isEqualTo(ExitCode.CANNOT_CREATE);
  }

  private RunningServer.NotStarted failure(String configuration) {
    var failed =
        catchThrowableOfType(
            ExecutionException.class, () -> RunningServer.start(folder, configuration));
    assertThat(failed).as("a server that does not start").isNotNull();
    assertThat(failed.getCause()).isInstanceOf(RunningServer.NotStarted.class);
    return (RunningServer.NotStarted) Objects.requireNonNull(failed.getCause());
  }

  /** Sends lines one by one after the greeting and EHLO; the last reply. */
  private static String dialogue(int port, String... lines) throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(READ_LIMIT_MILLIS);
      var input =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(reply(input)).startsWith("220 mta.test ESMTP");
      var last = "";
      for (var line : prepended("EHLO client.test", lines)) {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        last = reply(input);
      }
      return last;
    }
  }

  private static String[] prepended(String first, String... rest) {
    var all = new String[rest.length + 1];
    all[0] = first;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  private static String reply(BufferedReader input) throws Exception {
    var line = input.readLine();
    while (line.charAt(3) == '-') {
      line = input.readLine();
    }
    return line;
  }
}
