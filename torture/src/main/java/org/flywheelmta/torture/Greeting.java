package org.flywheelmta.torture;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.OptionalLong;
import org.flywheelmta.clients.Reply;
import org.flywheelmta.clients.Wire;

/** A client that wants no more than to be greeted, and says QUIT. */
public final class Greeting {
  private static final int TIMEOUT_MILLIS = 30_000;

  private Greeting() {}

  /** Microseconds from the first packet to the 220; nothing where there was none within 30 s. */
  public static OptionalLong micros(InetSocketAddress server) {
    long start = MicroClock.micros();
    try (var socket = new Socket()) {
      socket.connect(server, TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      var wire = new Wire(socket);
      if (Reply.read(wire).code() == 220) {
        long greeted = MicroClock.micros();
        wire.write("QUIT");
        Reply.read(wire);
        return OptionalLong.of(greeted - start);
      }
    } catch (IOException e) {
      // Nobody is greeted.
    }
    return OptionalLong.empty();
  }
}
