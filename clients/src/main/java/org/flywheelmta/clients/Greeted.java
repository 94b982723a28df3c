package org.flywheelmta.clients;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/**
 * A connection of a client that has been greeted and has said EHLO. For one thread.
 *
 * @param wire the caller's to close
 * @param eightBit whether the server takes 8BITMIME
 * @param pipelining whether it takes PIPELINING
 * @param utf8 whether it takes SMTPUTF8
 */
public record Greeted(Wire wire, boolean eightBit, boolean pipelining, boolean utf8) {
  /** What became of an attempt to connect. */
  public sealed interface Attempt {
    /** It is greeted; the caller owns the connection. */
    record Done(Greeted greeted) implements Attempt {}

    /** The server greeted with a refusal, or refused EHLO, and the connection is closed. */
    record Refused(Reply reply) implements Attempt {}

    /** There was no connection, or it was lost. */
    record Failed(String why) implements Attempt {}
  }

  /**
   * Connects, and waits for the replies to that and to EHLO.
   *
   * @param timeout for each of the three, and for each reply later
   * @param name what EHLO says
   */
  public static Attempt connect(InetSocketAddress server, Duration timeout, String name) {
    var socket = new Socket();
    boolean done = false;
    try {
      int timeoutMillis = (int) timeout.toMillis();
      socket.connect(server, timeoutMillis);
      socket.setSoTimeout(timeoutMillis);
      var wire = new Wire(socket);
      var greeting = Reply.read(wire);
      if (!greeting.positive()) {
        return new Attempt.Refused(greeting);
      }
      wire.write("EHLO " + name);
      var hello = Reply.read(wire);
      if (!hello.positive()) {
        return new Attempt.Refused(hello);
      }
      done = true;
      return new Attempt.Done(
          new Greeted(
              wire,
              hello.offers("8BITMIME"),
              hello.offers("PIPELINING"),
              hello.offers("SMTPUTF8")));
    } catch (IOException e) {
      return new Attempt.Failed(String.valueOf(e.getMessage()));
    } finally {
      if (!done) {
        close(socket);
      }
    }
  }

  /** Says QUIT and waits for the reply; nothing depends on it. */
  public void quit() {
    try {
      wire.write("QUIT");
      Reply.read(wire);
    } catch (IOException e) {
      // The server is gone already.
    }
    close();
  }

  /** Closes it without a word. */
  public void close() {
    close(wire);
  }

  private static void close(java.io.Closeable open) {
    try {
      open.close();
    } catch (IOException e) {
      // There is nothing left to lose on this connection.
    }
  }
}
