package org.flywheelmta.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Ports of the loopback interface. */
final class Ports {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  static final String HOST = LOOPBACK.getHostAddress();
  private static final int GREETING_MILLIS = 5_000;

  private Ports() {}

  /** One that was free a moment ago. */
  static int free() throws IOException {
    try (var probe = new ServerSocket(0, 1, LOOPBACK)) {
      return probe.getLocalPort();
    }
  }

  /** Whether a server on the port says its 220; it returns with the first octets. */
  static boolean greets(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(LOOPBACK, port), GREETING_MILLIS);
      socket.setSoTimeout(GREETING_MILLIS);
      boolean good = new String(socket.getInputStream().readNBytes(3), Texts.OCTETS).equals("220");
      if (good) {
        socket.getOutputStream().write("QUIT\r\n".getBytes(Texts.OCTETS));
        // Whoever closes with octets unread resets, and some servers log that as an error.
        socket.getInputStream().readAllBytes();
      }
      return good;
    } catch (IOException e) {
      return false;
    }
  }
}
