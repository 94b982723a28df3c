package org.flywheelmta.clients;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An SMTP server that takes mails and behaves as a {@link Script} says. One thread accepts, a
 * virtual one serves each connection. Any thread may ask and close.
 */
public final class Receiver implements Closeable {
  /** How many connections may be open; further ones get 421. */
  static final int CONNECTIONS_MAX = 4_000;

  private static final int BACKLOG = 1_024;

  private final ServerSocket listener;
  private final Script script;
  private final MailStore store;
  private final ReceiverCounts counts = new ReceiverCounts();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Set<ReceiverSession> open = ConcurrentHashMap.newKeySet();

  private Receiver(ServerSocket listener, Script script, MailStore store) {
    this.listener = listener;
    this.script = script;
    this.store = store;
  }

  /**
   * Listens.
   *
   * @param address whose port may be 0, for a free one
   * @param script of its own: it counts
   * @throws IOException when nobody can listen there
   */
  public static Receiver start(InetSocketAddress address, Script script, MailStore store)
      throws IOException {
    var listener = new ServerSocket();
    try {
      listener.setReuseAddress(true);
      listener.bind(address, BACKLOG);
    } catch (IOException failure) {
      listener.close();
      throw new IOException(
          "cannot listen on " + SocketAddresses.text(address) + ": " + failure.getMessage(),
          failure);
    }
    var receiver = new Receiver(listener, script, store);
    Thread.ofPlatform().name("sink-accept").daemon().start(receiver::accept);
    return receiver;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
  }

  /** What it has seen and done so far. */
  public ReceiverCounts counts() {
    return counts;
  }

  Script script() {
    return script;
  }

  MailStore store() {
    return store;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        serve(listener.accept());
      } catch (IOException gone) {
        // The receiver is closed, or a peer was gone before it was served.
      }
    }
  }

  private void serve(Socket socket) throws IOException {
    counts.connected();
    var session = new ReceiverSession(this, new Wire(socket));
    open.add(session);
    if (open.size() > CONNECTIONS_MAX) {
      session.refuse();
    } else if (closed.getCount() == 0) {
      session.close();
      ended(session);
    } else {
      Thread.ofVirtual().name("sink").start(session);
    }
  }

  void ended(ReceiverSession session) {
    open.remove(session);
  }

  /** Waits, but not past the close of the receiver. */
  void pause(long nanos) throws InterruptedException {
    boolean _ = closed.await(nanos, TimeUnit.NANOSECONDS);
  }

  /** Closes the port and every connection. */
  @Override
  public void close() throws IOException {
    closed.countDown();
    listener.close();
    open.forEach(ReceiverSession::close);
  }
}
