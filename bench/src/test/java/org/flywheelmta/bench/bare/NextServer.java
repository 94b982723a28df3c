package org.flywheelmta.bench.bare;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The server that mail is forwarded to: it keeps contents as the octets that came. The first so
 * many connections are closed after a content, without a reply.
 */
final class NextServer implements AutoCloseable {
  private final ServerSocket listener;
  private final AtomicInteger rude;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final BlockingQueue<String> contents = new LinkedBlockingQueue<>();

  private NextServer(ServerSocket listener, int rude) {
    this.listener = listener;
    this.rude = new AtomicInteger(rude);
  }

  static NextServer start(int rude) throws IOException {
    var server = new NextServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), rude);
    Thread.ofPlatform().daemon().start(server::accept);
    return server;
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /** Contents in the order in which they came, with the dot that ends each. */
  BlockingQueue<String> contents() {
    return contents;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var socket = listener.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        // It is closed.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = new BufferedInputStream(socket.getInputStream());
      reply(socket, "220 next.test");
      for (var line = line(in); !line.isEmpty(); line = line(in)) {
        if (line.startsWith("EHLO")) {
          reply(socket, "250-next.test\r\n250 PIPELINING");
        } else if (line.equals("DATA\r\n")) {
          reply(socket, "354 go");
          var content = content(in);
          contents.add(content);
          if (rude.getAndDecrement() > 0) {
            return;
          }
          reply(socket, "250 ok");
        } else {
          reply(socket, "250 ok");
        }
      }
    } catch (IOException e) {
      // The other side is gone.
    }
  }

  private static void reply(Socket socket, String text) throws IOException {
    socket.getOutputStream().write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static String content(InputStream in) throws IOException {
    var content = new StringBuilder();
    String line;
    do {
      line = line(in);
      content.append(line);
    } while (!line.equals(".\r\n") && !line.isEmpty());
    return content.toString();
  }

  /** With its end; empty at the end of the stream. */
  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    int octet = in.read();
    while (octet >= 0) {
      line.write(octet);
      if (octet == '\n') {
        return line.toString(StandardCharsets.ISO_8859_1);
      }
      octet = in.read();
    }
    return "";
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (var socket : sockets) {
      socket.close();
    }
  }
}
