package org.flywheelmta.clients;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client that says one line after the other and hears each reply. */
final class Session implements AutoCloseable {
  private static final int LIMIT_MILLIS = 20_000;

  final Wire wire;

  /** Connects, and hears nothing yet. */
  Session(InetSocketAddress server) throws IOException {
    var socket = new Socket();
    socket.connect(server, LIMIT_MILLIS);
    socket.setSoTimeout(LIMIT_MILLIS);
    wire = new Wire(socket);
  }

  /** Connects and greets. */
  static Session greeted(InetSocketAddress server) throws IOException {
    var session = new Session(server);
    session.hear();
    session.say("EHLO client.test");
    return session;
  }

  /** The code of the next reply. */
  int hear() throws IOException {
    return Reply.read(wire).code();
  }

  /** The code of the reply to a line. */
  int say(String line) throws IOException {
    wire.write(line);
    return hear();
  }

  /** Begins a mail; the code of the reply to RCPT. */
  int envelope(String from, String to) throws IOException {
    say("MAIL FROM:<" + from + ">");
    return say("RCPT TO:<" + to + ">");
  }

  /** Sends a mail; the code of the reply to its end. */
  int mail(String from, String to) throws IOException {
    envelope(from, to);
    say("DATA");
    wire.write("Subject: x");
    wire.write("");
    wire.write("..stuffed");
    return say(".");
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
