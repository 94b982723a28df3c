package org.flywheelmta.dns;

import java.util.ArrayDeque;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;

/**
 * Spreads queries over time, in order of arrival: at most so many in a second, at most {@link
 * #BURST_NANOS}' worth of them at once, and at most {@link #MOST_OUT} without a reply, since each
 * holds a socket. Who waits is bounded by whoever asks.
 */
@NonThreadSafe
final class Pace {
  /** What was not used is kept for so long. */
  static final long BURST_NANOS = 10_000_000;

  /** The most queries without a reply at once. */
  static final int MOST_OUT = 2_048;

  private static final long SECOND_NANOS = 1_000_000_000;

  /** Who sends a query when its turn has come; {@link #returned} follows each. */
  @FunctionalInterface
  interface Sender {
    void send();
  }

  private final Scheduler home;
  private final long costNanos;
  private final long mostCreditNanos;
  private final ArrayDeque<Sender> waiting = new ArrayDeque<>();
  private final TimedEvent turn = TimedEvent.of(_ -> go());
  private long creditNanos;
  private long countedNanos;
  private int out;

  Pace(Scheduler home, int perSecond) {
    this.home = home;
    this.costNanos = SECOND_NANOS / perSecond;
    this.mostCreditNanos = Math.max(costNanos, BURST_NANOS);
    this.creditNanos = mostCreditNanos;
    this.countedNanos = home.nanoTime();
  }

  /** Sends now, or when its turn has come. */
  void send(Sender sender) {
    waiting.add(sender);
    go();
  }

  /** A query that was sent has its reply. */
  void returned() {
    out--;
    go();
  }

  void stop() {
    waiting.clear();
    home.disarm(turn);
  }

  private void go() {
    long now = home.nanoTime();
    creditNanos = Math.min(mostCreditNanos, creditNanos + (now - countedNanos));
    countedNanos = now;
    while (!waiting.isEmpty() && out < MOST_OUT && creditNanos >= costNanos) {
      creditNanos -= costNanos;
      out++;
      waiting.remove().send();
    }
    if (!waiting.isEmpty() && out < MOST_OUT && !turn.armed()) {
      home.arm(turn, costNanos - creditNanos);
    }
  }
}
