package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.clients.Reply;
import org.flywheelmta.clients.Wire;

/**
 * The smallest relay that a torture can be tried on: it keeps mails in memory, hands each to the
 * sink before it says yes, and does one thing wrong where it is told to. It can run within a test
 * or as a process.
 */
final class SmallRelay implements Closeable {
  /** What it does with its mails; every third one is struck. */
  enum Way {
    HONEST,
    /** Says yes and hands nothing on. */
    LOSE,
    /** Changes an octet of the body. */
    DAMAGE,
    /** Hands it on twice. */
    REPEAT,
    /** Says no and hands it on. */
    INVENT,
    /** Refuses MAIL for the moment. */
    REFUSE
  }

  private static final int STRUCK_EVERY = 3;

  private final ServerSocket listener;
  private final InetSocketAddress sink;
  private final Way way;
  private final int sessionsMax;
  private final Runnable beforeReply;
  private final AtomicLong mails = new AtomicLong();
  private final AtomicLong commands = new AtomicLong();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private SmallRelay(
      ServerSocket listener,
      InetSocketAddress sink,
      Way way,
      int sessionsMax,
      Runnable beforeReply) {
    this.listener = listener;
    this.sink = sink;
    this.way = way;
    this.sessionsMax = sessionsMax;
    this.beforeReply = beforeReply;
  }

  /**
   * @param sessionsMax connections beyond it are greeted with 421
   * @param beforeReply is run before each reply to a final dot
   */
  static SmallRelay start(
      int port, InetSocketAddress sink, Way way, int sessionsMax, Runnable beforeReply)
      throws IOException {
    var listener = new ServerSocket(port, 1_024, InetAddress.getLoopbackAddress());
    var relay = new SmallRelay(listener, sink, way, sessionsMax, beforeReply);
    Thread.ofPlatform().name("relay-accept").daemon().start(relay::accept);
    return relay;
  }

  static SmallRelay start(InetSocketAddress sink, Way way) throws IOException {
    return start(0, sink, way, Integer.MAX_VALUE, () -> {});
  }

  /** PORT SINK-PORT WAY. */
  public static void main(String[] words) throws IOException, InterruptedException {
    var sink = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(words[1]));
    var relay =
        start(Integer.parseInt(words[0]), sink, Way.valueOf(words[2]), Integer.MAX_VALUE, () -> {});
    System.out.println("listens on " + relay.address());
    Thread.currentThread().join();
  }

  /** The command that starts it as a process, with places for the ports. */
  static String command(Way way) {
    return "\"%s\" -Xmx64m -cp \"%s\" %s {port} {sink} %s"
        .formatted(
            System.getProperty("java.home") + "/bin/java",
            System.getProperty("java.class.path"),
            SmallRelay.class.getName(),
            way);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
  }

  /** Commands read so far. */
  long commands() {
    return commands.get();
  }

  /** Says 421 to everybody who is connected, and closes. */
  void dismiss() throws IOException {
    for (var socket : open) {
      socket
          .getOutputStream()
          .write("421 4.4.2 that took too long\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.close();
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        // Closed, or a peer was gone before it was served.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var wire = new Wire(socket);
      if (open.size() > sessionsMax) {
        wire.write("421 4.4.5 too many are here");
        wire.flush();
        return;
      }
      wire.write("220 relay.torture.test");
      converse(wire);
      wire.flush();
    } catch (IOException e) {
      // The peer went away.
    } finally {
      open.remove(socket);
    }
  }

  private void converse(Wire wire) throws IOException {
    String sender = "";
    var recipients = new ArrayList<String>();
    while (wire.next()) {
      commands.incrementAndGet();
      String line = wire.text();
      switch (line.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
        case "EHLO" -> {
          wire.write("250-relay.torture.test");
          wire.write("250-PIPELINING");
          wire.write("250 8BITMIME");
        }
        case "MAIL" -> {
          recipients.clear();
          sender = line;
          boolean refused = way == Way.REFUSE && mails.incrementAndGet() % STRUCK_EVERY == 0;
          if (refused) {
            sender = "";
          }
          wire.write(refused ? "452 4.3.1 no room" : "250 2.1.0 go on");
        }
        case "RCPT" -> {
          if (!sender.isEmpty()) {
            recipients.add(line);
          }
          wire.write(sender.isEmpty() ? "503 5.5.1 MAIL first" : "250 2.1.5 go on");
        }
        case "DATA" -> {
          if (recipients.isEmpty()) {
            wire.write("503 5.5.1 no recipients");
          } else {
            wire.write("354 go on");
            data(wire, sender, List.copyOf(recipients));
          }
        }
        case "QUIT" -> {
          wire.write("221 2.0.0 bye");
          return;
        }
        default -> wire.write("250 2.0.0 well");
      }
    }
  }

  private void data(Wire wire, String sender, List<String> recipients) throws IOException {
    var content = new ArrayList<byte[]>();
    while (wire.next()) {
      if (wire.length() == 1 && wire.bytes()[wire.offset()] == '.') {
        break;
      }
      content.add(
          java.util.Arrays.copyOfRange(wire.bytes(), wire.offset(), wire.offset() + wire.length()));
    }
    boolean struck =
        way != Way.HONEST && way != Way.REFUSE && mails.incrementAndGet() % STRUCK_EVERY == 0;
    if (struck && way == Way.DAMAGE) {
      content.add("one line more".getBytes(StandardCharsets.US_ASCII));
    }
    if (!(struck && way == Way.LOSE)) {
      handOn(sender, recipients, content);
    }
    if (struck && way == Way.REPEAT) {
      handOn(sender, recipients, content);
    }
    beforeReply.run();
    wire.write(struck && way == Way.INVENT ? "554 5.6.0 no" : "250 2.0.0 yes");
  }

  private void handOn(String sender, List<String> recipients, List<byte[]> content)
      throws IOException {
    try (var socket = new Socket(sink.getAddress(), sink.getPort())) {
      var wire = new Wire(socket);
      Reply.read(wire);
      ask(wire, "EHLO relay.torture.test");
      ask(wire, sender);
      for (var recipient : recipients) {
        ask(wire, recipient);
      }
      ask(wire, "DATA");
      for (var line : content) {
        wire.write(line);
        wire.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      ask(wire, ".");
    }
  }

  private static void ask(Wire wire, String command) throws IOException {
    wire.write(command);
    Reply.read(wire);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (var socket : open) {
      socket.close();
    }
  }
}
