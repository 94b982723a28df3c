package org.flywheelmta.bench.bare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A session from outside, which sends octets as they are. */
final class Client implements AutoCloseable {
  private static final int LIMIT_MILLIS = 30_000;

  private final Socket socket;
  private final BufferedReader replies;

  Client(InetSocketAddress address) throws IOException {
    socket = new Socket(address.getAddress(), address.getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(LIMIT_MILLIS);
    replies =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    expect("220");
  }

  void send(String octets) throws IOException {
    socket.getOutputStream().write(octets.getBytes(StandardCharsets.ISO_8859_1));
  }

  void expect(String code) throws IOException {
    assertThat(replies.readLine()).startsWith(code);
  }

  void command(String line, String code) throws IOException {
    send(line + "\r\n");
    expect(code);
  }

  /** Up to the 354. */
  void envelope(String recipient) throws IOException {
    command("MAIL FROM:<a@test>", "250");
    command("RCPT TO:<" + recipient + ">", "250");
    command("DATA", "354");
  }

  boolean hasReply() throws IOException {
    return replies.ready();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
