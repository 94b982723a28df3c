package org.flywheelmta.torture;

import java.io.Closeable;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A new client every now and then that wants no more than to be greeted: how long that takes, from
 * the first packet to the 220. It has a thread of its own; the times are for after the close.
 */
final class Greeter implements Closeable {
  private static final long EVERY_MILLIS = 50;

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
    Greeting.micros(server).ifPresentOrElse(times::add, failures::increment);
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
