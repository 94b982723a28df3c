package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.flywheelmta.clients.Script;
import org.flywheelmta.clients.Wire;
import org.jspecify.annotations.Nullable;

/**
 * An SMTP server that takes everything, except from those whom its {@link SinkScript} or its {@link
 * Misbehaviour} strikes, and writes the {@link SinkRecord}. One thread accepts, one writes the
 * record, a virtual one serves each connection. Any thread may ask and close.
 */
final class Sink implements Closeable {
  /** Above this, new connections get 421. */
  private static final int CONNECTIONS_MAX = 4_000;

  private static final int BACKLOG = 1_024;

  /** Small, so that a body which is read slowly is felt at the other end. */
  private static final int SLOW_BUFFER_BYTES = 1 << 14;

  private static final int REBIND_TRIES_MAX = 200;
  private static final Duration RECORD_EVERY = Duration.ofMillis(20);
  private static final Duration REBIND_PAUSE = Duration.ofMillis(50);

  private final SinkRecord record;
  private final Misbehaviour misbehaviour;
  private final SinkScript script;
  private final InetSocketAddress address;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicLong connections = new AtomicLong();
  private final LongAdder mails = new LongAdder();
  private final Deliveries deliveries;
  private final Set<SinkSession> open = ConcurrentHashMap.newKeySet();

  /** How often somebody was struck who has not got through yet. */
  private final Map<String, Integer> struck = new ConcurrentHashMap<>();

  private volatile ServerSocket listener;

  /** Hears of each mail as it is answered with 250. Called by any thread. */
  interface Deliveries {
    /**
     * @param dueMicros when the mail was to be offered, or 0
     */
    void delivered(long dueMicros, int recipients);
  }

  private Sink(
      ServerSocket listener,
      SinkRecord record,
      Misbehaviour misbehaviour,
      Script script,
      Deliveries deliveries) {
    this.listener = listener;
    this.address = new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    this.record = record;
    this.misbehaviour = misbehaviour;
    this.script = new SinkScript(script, record);
    this.deliveries = deliveries;
  }

  /**
   * Listens on {@code address}, whose port may be 0 for a free one. The record stays the caller's.
   */
  static Sink start(InetSocketAddress address, SinkRecord record, Misbehaviour misbehaviour)
      throws IOException {
    return start(address, record, misbehaviour, Script.ordinary());
  }

  /**
   * @param script of its own; goes before the misbehaviour
   */
  static Sink start(
      InetSocketAddress address, SinkRecord record, Misbehaviour misbehaviour, Script script)
      throws IOException {
    return start(address, record, misbehaviour, script, (dueMicros, recipients) -> {});
  }

  static Sink start(
      InetSocketAddress address,
      SinkRecord record,
      Misbehaviour misbehaviour,
      Script script,
      Deliveries deliveries)
      throws IOException {
    var listener = listen(address, misbehaviour);
    var sink = new Sink(listener, record, misbehaviour, script, deliveries);
    Thread.ofPlatform().name("sink-accept").daemon().start(sink::accept);
    Thread.ofPlatform()
        .name("sink-record")
        .daemon()
        .uncaughtExceptionHandler((thread, e) -> sink.failed(e))
        .start(sink::keepRecord);
    if (misbehaviour.awayEvery().isPositive()) {
      Thread.ofPlatform().name("sink-away").daemon().start(sink::comeAndGo);
    }
    return sink;
  }

  private static ServerSocket listen(InetSocketAddress address, Misbehaviour misbehaviour)
      throws IOException {
    var listener = new ServerSocket();
    if (misbehaviour.shares().slow() > 0) {
      listener.setReceiveBufferSize(SLOW_BUFFER_BYTES);
    }
    listener.setReuseAddress(true);
    listener.bind(address, BACKLOG);
    return listener;
  }

  InetSocketAddress address() {
    return address;
  }

  /** Mails answered with 250 so far. */
  long mails() {
    return mails.sum();
  }

  /** Connections accepted so far. */
  long connections() {
    return connections.get();
  }

  /** Throws where the record could not be written, so that the run is worth nothing. */
  void check() throws IOException {
    var cause = failure.get();
    if (cause != null) {
      throw new IOException("the sink failed: " + cause.getMessage(), cause);
    }
  }

  /** The record is in its file, as far as sessions have told it, when this returns. */
  void settle() throws IOException {
    record.write();
    check();
  }

  /** As {@link #settle}, at the end of a run: nothing more is to come. */
  void conclude() throws IOException {
    script.review();
    settle();
  }

  SinkRecord record() {
    return record;
  }

  Misbehaviour misbehaviour() {
    return misbehaviour;
  }

  SinkScript script() {
    return script;
  }

  /**
   * The how manieth try of {@code whom} this is, counted from 1, as far as it was struck before.
   */
  int time(String whom) {
    return struck.getOrDefault(whom, 0) + 1;
  }

  void strike(String whom) {
    struck.merge(whom, 1, Integer::sum);
  }

  /** It got through; forgotten, so that what is kept is bounded by what is deferred. */
  void spare(String whom) {
    struck.remove(whom);
  }

  void delivered(long dueMicros, int recipients) {
    mails.increment();
    deliveries.delivered(dueMicros, recipients);
  }

  /** Waits, but not past the close of the sink. */
  void pause(long nanos) throws InterruptedException {
    boolean _ = closed.await(nanos, TimeUnit.NANOSECONDS);
  }

  void ended(SinkSession session) {
    open.remove(session);
  }

  void failed(Throwable cause) {
    failure.compareAndSet(null, cause);
  }

  private void accept() {
    try {
      do {
        try {
          serve(listener.accept());
        } catch (IOException e) {
          // The port is closed for a while, or a peer was gone before it was served.
        }
      } while (awaitPort());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Writes what the sessions have recorded, so that none of them waits for the disk. */
  private void keepRecord() {
    try {
      while (!closed.await(RECORD_EVERY.toNanos(), TimeUnit.NANOSECONDS)) {
        record.write();
      }
    } catch (IOException e) {
      failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits while the port is closed; false where the sink is. */
  private boolean awaitPort() throws InterruptedException {
    while (listener.isClosed()) {
      if (closed.await(1, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return closed.getCount() > 0;
  }

  private void serve(Socket socket) throws IOException {
    long opened = MicroClock.micros();
    long number = connections.incrementAndGet();
    var session = new SinkSession(this, new Wire(socket), number, opened);
    open.add(session);
    if (closed.getCount() == 0 || open.size() > CONNECTIONS_MAX) {
      session.end();
      return;
    }
    Thread.ofVirtual()
        .name("sink-" + number)
        .uncaughtExceptionHandler((thread, e) -> failed(e))
        .start(session);
  }

  /** Refuses connections from time to time by closing the port. */
  private void comeAndGo() {
    try {
      while (!closed.await(misbehaviour.awayEvery().toNanos(), TimeUnit.NANOSECONDS)) {
        listener.close();
        if (!closed.await(misbehaviour.awayFor().toNanos(), TimeUnit.NANOSECONDS)) {
          rebind();
        }
      }
    } catch (IOException e) {
      failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Another program may hold the port for a moment as its own end of a connection. */
  private void rebind() throws IOException, InterruptedException {
    for (int i = 1; ; i++) {
      try {
        listener = listen(address, misbehaviour);
        return;
      } catch (IOException e) {
        if (i == REBIND_TRIES_MAX) {
          throw e;
        }
        if (closed.await(REBIND_PAUSE.toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    }
  }

  /** Closes every connection, and returns when the last of their sessions has told the record. */
  @Override
  public void close() throws IOException {
    closed.countDown();
    listener.close();
    for (var session : open) {
      session.close();
    }
    for (var session : open) {
      session.awaitEnd();
    }
  }
}
