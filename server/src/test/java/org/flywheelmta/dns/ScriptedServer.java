package org.flywheelmta.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A name server on real sockets whose every octet a test decides. */
final class ScriptedServer implements AutoCloseable {
  private static final int MOST_OCTETS = 4_096;

  private final DatagramSocket datagrams;
  private final @Nullable ServerSocket connections;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  /** Queries that came by datagram, as they came. */
  final List<Query> queries = new CopyOnWriteArrayList<>();

  /** A query as it came. */
  static final class Query {
    private final int port;
    private final byte[] octets;

    Query(int port, byte[] octets) {
      this.port = port;
      this.octets = octets;
    }

    /** The port that it came from. */
    int port() {
      return port;
    }

    byte[] octets() {
      return octets;
    }

    int id() {
      return ((octets[0] & 0xff) << 8) | (octets[1] & 0xff);
    }
  }

  /** What to send after a query came, to which ports. */
  interface Script {
    void onQuery(Query query, Sender sender) throws IOException;
  }

  /** Sends datagrams. */
  interface Sender {
    void send(int port, byte[] octets) throws IOException;
  }

  private ScriptedServer(DatagramSocket datagrams, @Nullable ServerSocket connections) {
    this.datagrams = datagrams;
    this.connections = connections;
  }

  /** One that nobody can connect to. */
  static ScriptedServer withoutTcp(Script script) throws IOException {
    var loopback = InetAddress.getLoopbackAddress();
    var server = new ScriptedServer(new DatagramSocket(0, loopback), null);
    server.start(() -> server.receive(script));
    return server;
  }

  /**
   * One that answers over TCP too.
   *
   * @param answers to a query over TCP; none: nothing is said until the client closes; an empty
   *     one: the connection is closed
   */
  static ScriptedServer withTcp(Script script, Function<byte[], byte @Nullable []> answers)
      throws IOException {
    var loopback = InetAddress.getLoopbackAddress();
    var listening = new ServerSocket(0, 50, loopback);
    var server =
        new ScriptedServer(new DatagramSocket(listening.getLocalPort(), loopback), listening);
    server.start(() -> server.receive(script));
    server.start(() -> server.accept(listening, answers));
    return server;
  }

  InetSocketAddress address() {
    return new InetSocketAddress(datagrams.getLocalAddress(), datagrams.getLocalPort());
  }

  private interface Work {
    void run() throws IOException;
  }

  private void start(Work work) {
    var thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException closed) {
                // The end of the test.
              }
            });
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void receive(Script script) throws IOException {
    var packet = new DatagramPacket(new byte[MOST_OCTETS], MOST_OCTETS);
    while (true) {
      packet.setLength(MOST_OCTETS);
      datagrams.receive(packet);
      var query = new Query(packet.getPort(), Arrays.copyOf(packet.getData(), packet.getLength()));
      queries.add(query);
      script.onQuery(query, this::send);
    }
  }

  private void send(int port, byte[] octets) throws IOException {
    var to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    datagrams.send(new DatagramPacket(octets, octets.length, to));
  }

  private void accept(ServerSocket listening, Function<byte[], byte @Nullable []> answers)
      throws IOException {
    while (true) {
      try (var connection = listening.accept()) {
        var in = new DataInputStream(connection.getInputStream());
        var query = new byte[in.readUnsignedShort()];
        in.readFully(query);
        var answer = answers.apply(query);
        if (answer == null) {
          while (in.read() >= 0) {
            // Whatever else the client says.
          }
        } else if (answer.length > 0) {
          var out = new DataOutputStream(connection.getOutputStream());
          out.writeShort(answer.length);
          out.write(answer);
          out.flush();
          while (in.read() >= 0) {
            // The client closes first.
          }
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    datagrams.close();
    if (connections != null) {
      connections.close();
    }
  }
}
