package org.flywheelmta.domain;

import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Message;

/**
 * A message in a domain record. It is in exactly one place, and a node of the queues itself, so
 * that moving it allocates nothing. It holds the record's reference to the message.
 */
@NonThreadSafe
final class Waiting extends Link {
  /** Where it is. */
  enum Place {
    /** Nowhere: being moved, or done. */
    NONE(0),
    /** In the active queue, or taken from it to be settled in steps. */
    ACTIVE(1),
    DELAYED(2),
    /** Taken by a session that cannot begin yet. */
    PREPARED(3),
    DELIVERING(4),
    /** Done or late, and its sender is being told; the outcome is not kept yet. */
    BOUNCING(5);

    /** How many places there are. */
    static final int COUNT = 6;

    /** Number of the place's count. */
    final int index;

    Place(int index) {
      this.index = index;
    }
  }

  static final int NO_INDEX = -1;

  final Message message;
  Place place = Place.NONE;
  // The configuration generation under which its record was chosen.
  int generation;
  // Which filling of the active queue it belongs to.
  int filling;
  // When it is given up, wall clock microseconds; strict when the message itself asked for it.
  long expiryMicros;
  boolean strictExpiry;
  // Key and position in the heap of what waits for its time.
  long wakeMicros;
  int heapIndex = NO_INDEX;

  Waiting(Message message) {
    this.message = message;
  }

  void move(Place from, Place to, QueueTotals totals) {
    Check.that(place == from, "a waiting message is not where it should be");
    place = to;
    totals.moved(from, to);
  }
}
