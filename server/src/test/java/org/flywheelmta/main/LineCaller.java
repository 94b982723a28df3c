package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client on a plain socket that says one line after the other, and hears each reply. */
final class LineCaller implements AutoCloseable {
  private static final int READ_LIMIT_MILLIS = 20_000;

  private final Socket socket;
  private final BufferedReader input;

  /** Connects and greets. */
  LineCaller(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(READ_LIMIT_MILLIS);
    input =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    assertThat(reply()).startsWith("220");
    assertThat(say("EHLO client.test")).startsWith("250");
  }

  /** The last line of the reply to {@code line}. */
  String say(String line) throws IOException {
    socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    return reply();
  }

  /** Sends a mail; the reply to its end. */
  String send(String recipient, String content) throws IOException {
    assertThat(say("MAIL FROM:<alice@example.com>")).startsWith("250");
    assertThat(say("RCPT TO:<" + recipient + ">")).startsWith("250");
    assertThat(say("DATA")).startsWith("354");
    return say(content + "\r\n.");
  }

  private String reply() throws IOException {
    var line = input.readLine();
    while (line.charAt(3) == '-') {
      line = input.readLine();
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
