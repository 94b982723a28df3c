package org.flywheelmta.torture;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.flywheelmta.clients.Greeted;
import org.jspecify.annotations.Nullable;

/**
 * Composes mails ahead of their time and forces their lines in the ledger in groups, so that
 * neither the composing nor the disk is part of what is measured. For one thread.
 */
final class Planner {
  /** How far ahead of its time a mail is composed; longer than most forces take. */
  static final long LOOKAHEAD_MICROS = TimeUnit.MILLISECONDS.toMicros(150);

  /** How many lines are forced together at most. */
  private static final int BATCH_MAX = 2_000;

  private static final long ROOM_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Composer composer;
  private final boolean eightBit;
  private final Ledger ledger;
  private final WaitingRoom room;
  private final OfferingCounts counts;
  private final List<Arrival> batch = new ArrayList<>();

  Planner(
      Composer composer, boolean eightBit, Ledger ledger, WaitingRoom room, OfferingCounts counts) {
    this.composer = composer;
    this.eightBit = eightBit;
    this.ledger = ledger;
    this.room = room;
    this.counts = counts;
  }

  /** Sees to it that a session never waits for a mail. */
  void stock(int wanted) throws IOException, InterruptedException {
    int free = Math.min(room.awaitRoom(wanted, ROOM_POLL_NANOS), BATCH_MAX);
    for (int i = 0; i < free; i++) {
      add(Arrival.at(0, composer.compose(ledger.nextNumber(), eightBit)));
      counts.arrived.increment();
    }
    admit();
    room.release(0);
  }

  /**
   * Plans what arrives soon.
   *
   * @param beginMicros the moment from which the arrivals count
   * @param endMicros the moment at which they end
   * @return whether that moment is planned for
   */
  boolean plan(Arrivals arrivals, long beginMicros, long endMicros, LongSupplier clock)
      throws IOException {
    long horizon = Math.min(clock.getAsLong() + LOOKAHEAD_MICROS, endMicros);
    int free = room.room();
    long due = beginMicros + arrivals.nextMicros();
    while (due < horizon && batch.size() < BATCH_MAX) {
      counts.arrived.increment();
      if (batch.size() < free) {
        add(Arrival.at(due, composer.compose(ledger.nextNumber(), eightBit, due)));
      } else {
        counts.notOffered.increment();
      }
      arrivals.step();
      due = beginMicros + arrivals.nextMicros();
    }
    admit();
    return due >= endMicros;
  }

  private void add(Arrival arrival) throws IOException {
    ledger.sentWithNextForce(arrival.mail());
    batch.add(arrival);
  }

  private void admit() throws IOException {
    ledger.force();
    room.admit(batch);
    batch.clear();
  }

  /** Whether the server takes 8BITMIME; no where it does not answer. */
  static boolean offersEightBit(Greeted.@Nullable Attempt attempt) {
    if (attempt instanceof Greeted.Attempt.Done(var greeted)) {
      greeted.quit();
      return greeted.eightBit();
    }
    return false;
  }
}
