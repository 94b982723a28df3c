package org.flywheelmta.clients;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One session of {@code flywheel send}: mail after mail over one connection, and a new one where
 * that is lost. For its own thread.
 */
final class SendSession implements Runnable {
  /** So many connections in a row that bring nothing, and the session gives up. */
  private static final int FAILURES_MAX = 3;

  private static final String NAME = "send.flywheel.invalid";

  private final InetSocketAddress server;
  private final Duration timeout;
  private final Composition composition;
  private final AtomicLong numbers;
  private final long count;
  private final long perConnection;
  private final SendTally tally;
  private @Nullable Greeted connection;
  private long offered;
  private int failures;

  /**
   * @param timeout for each reply
   * @param numbers of the mails, shared by all sessions
   * @param count how many there are in all
   * @param perConnection how many go over one connection; 0 for no such limit
   */
  SendSession(
      InetSocketAddress server,
      Duration timeout,
      Composition composition,
      AtomicLong numbers,
      long count,
      long perConnection,
      SendTally tally) {
    this.server = server;
    this.timeout = timeout;
    this.composition = composition;
    this.numbers = numbers;
    this.count = count;
    this.perConnection = perConnection;
    this.tally = tally;
  }

  @Override
  public void run() {
    while (failures < FAILURES_MAX && numbers.get() < count) {
      var open = connection == null ? connect() : connection;
      if (open != null) {
        long number = numbers.incrementAndGet();
        if (number <= count) {
          one(open, number);
          offered++;
        }
        if (perConnection > 0 && offered >= perConnection) {
          quit();
        }
      }
    }
    quit();
  }

  private void quit() {
    var open = connection;
    connection = null;
    offered = 0;
    if (open != null) {
      open.quit();
    }
  }

  private void one(Greeted open, long number) {
    var letter = composition.compose(number, open.eightBit(), open.utf8());
    var outcome = new Offer(open.wire(), letter, open.pipelining(), false, tally::replied).send();
    tally.ended(outcome);
    switch (outcome) {
      case Outcome.Acknowledged _ -> failures = 0;
      case Outcome.Refused(int code, _) when code != Offer.CLOSING -> failures = 0;
      case Outcome.Refused _ -> drop();
      case Outcome.Unknown _, Outcome.Unsent _ -> {
        tally.failed("the connection was lost, or no reply came in time");
        failures++;
        drop();
      }
    }
  }

  private @Nullable Greeted connect() {
    switch (Greeted.connect(server, timeout, NAME)) {
      case Greeted.Attempt.Done(var greeted) -> connection = greeted;
      case Greeted.Attempt.Refused(var reply) -> {
        failures++;
        tally.refused("connect", reply);
      }
      case Greeted.Attempt.Failed(var why) -> {
        failures++;
        tally.failed("cannot reach " + SocketAddresses.text(server) + ": " + why);
      }
    }
    return connection;
  }

  private void drop() {
    var open = connection;
    connection = null;
    offered = 0;
    if (open != null) {
      open.close();
    }
  }
}
