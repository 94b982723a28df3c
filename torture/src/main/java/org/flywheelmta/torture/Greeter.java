package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.flywheelmta.clients.Reply;
import org.flywheelmta.clients.Wire;

/**
 * A new client every now and then that wants no more than to be greeted: how long that takes, from
 * the first packet to the 220. It has a thread of its own; the times are for after the close.
 */
final class Greeter implements Closeable {
  private static final long EVERY_MILLIS = 50;
  private static final int TIMEOUT_MILLIS = 30_000;

  private final InetSocketAddress server;
  private final Latencies times = new Latencies();
  private final LongAdder failures = new LongAdder();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private Greeter(InetSocketAddress server) {
    this.server = server;
    this.thread = Thread.ofPlatform().name("greeter").daemon().unstarted(this::run);
  }

  static Greeter start(InetSocketAddress server) {
    var greeter = new Greeter(server);
    greeter.thread.start();
    return greeter;
  }

  private void run() {
    try {
      while (!closed.await(EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
        one();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void one() {
    long start = MicroClock.micros();
    try (var socket = new Socket()) {
      socket.connect(server, TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      var wire = new Wire(socket);
      if (Reply.read(wire).code() == 220) {
        times.add(MicroClock.micros() - start);
        wire.write("QUIT");
        Reply.read(wire);
        return;
      }
    } catch (IOException e) {
      // Counted below.
    }
    failures.increment();
  }

  Latencies times() {
    return times;
  }

  /** How often there was no greeting. */
  long failures() {
    return failures.sum();
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
