package org.flywheelmta.torture;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link Crowd}. For the crowd's thread. */
final class CrowdMember {
  private static final int DEAF_WINDOW_BYTES = 4_096;
  private static final int LINE_KEPT_MAX = 200;
  private static final int BODY_LINE_OCTETS = 60;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final CrowdKind kind;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final StringBuilder line = new StringBuilder(0);
  private ByteBuffer pending = NOTHING;
  private int step;
  private int octets;
  private boolean standing;
  private String lastReply = "";

  private CrowdMember(CrowdKind kind, SocketChannel channel, Selector selector) throws IOException {
    this.kind = kind;
    this.channel = channel;
    this.key = channel.register(selector, SelectionKey.OP_CONNECT, this);
  }

  /** Begins to connect. */
  static CrowdMember connect(CrowdKind kind, SocketAddress server, Selector selector)
      throws IOException {
    var channel = SocketChannel.open();
    channel.configureBlocking(false);
    if (!kind.reads) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, DEAF_WINDOW_BYTES);
    }
    var member = new CrowdMember(kind, channel, selector);
    // On the loopback a connection may come about at once; the key tells all the same.
    boolean _ = channel.connect(server);
    return member;
  }

  CrowdKind kind() {
    return kind;
  }

  /** Whether its script is over: all that it does now is to be there. */
  boolean isStanding() {
    return standing;
  }

  /** What the server said last, or nothing. */
  String lastReply() {
    return lastReply;
  }

  /** Does what its socket is ready for; false where the server has closed the connection. */
  boolean ready(ByteBuffer scratch) throws IOException {
    if (key.isConnectable()) {
      channel.finishConnect();
      key.interestOps(SelectionKey.OP_READ);
    }
    if (key.isWritable()) {
      flush();
    }
    return !key.isReadable() || read(scratch);
  }

  /** Reads what there is; false where the server has closed the connection. */
  boolean read(ByteBuffer scratch) throws IOException {
    while (true) {
      int read = channel.read(scratch.clear());
      if (read < 0) {
        return false;
      }
      scratch.flip();
      while (scratch.hasRemaining()) {
        heard((char) (scratch.get() & 0xFF));
      }
      if (read < scratch.capacity()) {
        break;
      }
    }
    flush();
    return true;
  }

  private void heard(char c) {
    if (c != '\n') {
      if (c != '\r' && line.length() < LINE_KEPT_MAX) {
        line.append(c);
      }
      return;
    }
    boolean last = line.length() < 4 || line.charAt(3) != '-';
    if (last) {
      lastReply = line.toString();
      if (!standing && step < kind.script.size()) {
        replied();
      }
    }
    line.setLength(0);
  }

  private void replied() {
    var expected = kind.script.get(step);
    if (lastReply.startsWith(Integer.toString(expected.code()))) {
      step++;
      pending = ByteBuffer.wrap(expected.send().getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Writes what is to be written, as far as the peer takes it. */
  private void flush() throws IOException {
    if (pending.hasRemaining()) {
      channel.write(pending);
    }
    boolean over = step == kind.script.size();
    standing |= over && (!pending.hasRemaining() || !kind.reads);
    int reading = standing && !kind.reads ? 0 : SelectionKey.OP_READ;
    key.interestOps(reading | (pending.hasRemaining() ? SelectionKey.OP_WRITE : 0));
  }

  /** Sends one more octet, unless the peer has not even taken the last ones. */
  void trickle() throws IOException {
    if (pending.hasRemaining()) {
      return;
    }
    octets++;
    boolean lineEnd = kind.trickle == CrowdKind.Trickle.LINES && octets % BODY_LINE_OCTETS == 0;
    pending = ByteBuffer.wrap((lineEnd ? "\r\n" : "x").getBytes(StandardCharsets.US_ASCII));
    flush();
  }

  /** Closes with a reset, so that no port stays taken by a connection that is over. */
  void reset() {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      channel.close();
    } catch (IOException e) {
      // It is closed either way.
    }
  }

  /** Why the server did not keep it, in the server's words where it said any. */
  String reason(@Nullable IOException cause) {
    String when = standing ? "closed" : "refused";
    boolean said = lastReply.startsWith("4") || lastReply.startsWith("5");
    if (said) {
      return when + ": " + lastReply;
    }
    return when + (cause == null ? " without a word" : ": " + cause.getMessage());
  }
}
