package org.flywheelmta.domain;

import java.util.concurrent.atomic.AtomicLongArray;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.domain.Waiting.Place;

/** How many messages and sessions one scheduler has; written by it alone, read by anybody. */
@ConcurrentThreadSafe
public final class QueueTotals {
  private static final int SESSIONS = Place.COUNT;
  private static final int MOVES = SESSIONS + 1;

  private final AtomicLongArray counts = new AtomicLongArray(MOVES + 1);

  /** Messages that want to be delivered now. */
  public long active() {
    return counts.get(Place.ACTIVE.index) + counts.get(Place.PREPARED.index);
  }

  /** Messages that wait for their time. */
  public long delayed() {
    return counts.get(Place.DELAYED.index);
  }

  /** Messages that sessions have. */
  public long delivering() {
    return counts.get(Place.DELIVERING.index);
  }

  /** Messages whose senders are being told what became of them. */
  public long bouncing() {
    return counts.get(Place.BOUNCING.index);
  }

  /** Messages of all places. */
  public long all() {
    return active() + delayed() + delivering() + bouncing();
  }

  /** Connections open or being opened. */
  public long sessions() {
    return counts.get(SESSIONS);
  }

  /** How many times a message went from one place to another. */
  long moves() {
    return counts.get(MOVES);
  }

  void moved(Place from, Place to) {
    add(MOVES, 1);
    add(from.index, -1);
    add(to.index, 1);
  }

  void sessions(int change) {
    add(SESSIONS, change);
  }

  private void add(int index, int change) {
    counts.setRelease(index, counts.getPlain(index) + change);
  }
}
