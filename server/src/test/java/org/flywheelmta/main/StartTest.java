package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server on real sockets and files starts as a whole, or not at all with one clear line. */
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
      assertThat(
              dialogue(
                  server.port(),
                  "MAIL FROM:<a@x.test>",
                  "RCPT TO:<b@y.test>",
                  "DATA",
                  "Subject: kept\r\n\r\n..stuffed\r\n."))
          .startsWith("250 2.0.0 OK ");
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
      assertThatThrownBy(() -> RunningServer.start(folder, configuration(port)))
          .hasRootCauseMessage(
              "cannot listen on 127.0.0.1:%d: port %d is taken by process %d (java)"
                  .formatted(port, port, ProcessHandle.current().pid()));
    }
    assertThat(folder.resolve("spool")).doesNotExist();
  }

  @Test
  void lockedSpoolNamesItsHolder() throws Exception {
    try (var server = RunningServer.start(folder, configuration(0))) {
      assertThat(server.port()).isPositive();
      assertThatThrownBy(() -> RunningServer.start(folder, configuration(0)))
          .rootCause()
          .hasMessageContaining("locked by")
          .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
    }
  }

  @Test
  void folderThatIsAFileIsOneLine() throws Exception {
    Files.writeString(folder.resolve("spool"), "in the way");
    assertThatThrownBy(() -> RunningServer.start(folder, configuration(0)))
        .rootCause()
        .hasMessageContaining("spool");
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
