package org.flywheelmta.domain;

import java.util.concurrent.atomic.AtomicLongArray;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.domain.Waiting.Place;

/** How many messages and sessions one scheduler has; written by it alone, read by anybody. */
@ConcurrentThreadSafe
public final class QueueTotals {
  private static final int SESSIONS = Place.values().length;

  private final AtomicLongArray counts = new AtomicLongArray(SESSIONS + 1);

  /** Messages that want to be delivered now. */
  public long active() {
    return counts.get(Place.ACTIVE.ordinal()) + counts.get(Place.PREPARED.ordinal());
  }

  /** Messages that wait for their time. */
  public long delayed() {
    return counts.get(Place.DELAYED.ordinal());
  }

  /** Messages that sessions have. */
  public long delivering() {
    return counts.get(Place.DELIVERING.ordinal());
  }

  /** Connections open or being opened. */
  public long sessions() {
    return counts.get(SESSIONS);
  }

  void moved(Place from, Place to) {
    add(from.ordinal(), -1);
    add(to.ordinal(), 1);
  }

  void sessions(int change) {
    add(SESSIONS, change);
  }

  private void add(int index, int change) {
    counts.setRelease(index, counts.getPlain(index) + change);
  }
}
