package org.flywheelmta.domain;

import java.util.function.Consumer;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Waiting.Place;
import org.jspecify.annotations.Nullable;

/**
 * The active messages of a domain and binding, first in, first out: messages with their content,
 * and stubs. Siblings of one transaction that came together are neighbours, so that a batch is the
 * beginning of the queue.
 *
 * <p>What is to be settled is moved aside to the ring of a {@link Drain} at once: as a whole
 * ({@link #drainAll}: a host that takes no connection, a blackhole), or one by one ({@link
 * #expire}). It is settled in bounded steps from there, and may be a message without content then.
 */
@NonThreadSafe
final class MailQueue {
  // The filling of what is to be given up.
  private static final int EXPIRING = -1;

  private final Link active = new Link();
  private final WallQueue expiry;
  private final DomainTable table;
  // Rises when all that waits is moved aside, so that nothing has to be told of it one by one.
  private int filling;
  private int size;
  private int asideSize;

  MailQueue(DomainRecord record) {
    this.expiry = new WallQueue(record);
    this.table = record.table;
  }

  /** How many wait to be delivered. */
  int size() {
    return size;
  }

  /** How many are being settled. */
  int asideSize() {
    return asideSize;
  }

  /**
   * Puts a message last.
   *
   * @param deadlineMicros when it is given up while it waits here: its {@code expiryMicros}, or
   *     {@link WallAlarm#NEVER}
   */
  void append(Waiting waiting, long deadlineMicros) {
    insertBefore(active, waiting, deadlineMicros);
  }

  /** Puts a message first. */
  void prepend(Waiting waiting, long deadlineMicros) {
    insertBefore(active.first(), waiting, deadlineMicros);
  }

  private void insertBefore(Link place, Waiting waiting, long deadlineMicros) {
    waiting.move(Place.NONE, Place.ACTIVE, table.totals);
    waiting.filling = filling;
    waiting.reading = false;
    waiting.linkBefore(place);
    size++;
    await(waiting, deadlineMicros);
  }

  /** Sets when a message is given up, which is awaited nowhere now; as in {@link #append}. */
  void await(Waiting waiting, long deadlineMicros) {
    if (deadlineMicros != WallAlarm.NEVER && waiting.filling != EXPIRING) {
      expiry.add(waiting);
    }
  }

  /** The time at which it is given up may change from now on. */
  void forgetDeadline(Waiting waiting) {
    if (waiting.heapIndex != Waiting.NO_INDEX) {
      expiry.remove(waiting);
    }
  }

  @Nullable Waiting head() {
    return active.following();
  }

  /** Takes a message out, from the queue or from what is being settled. */
  void remove(Waiting waiting) {
    waiting.move(Place.ACTIVE, Place.NONE, table.totals);
    if (waiting.filling == filling) {
      size--;
    } else {
      asideSize--;
    }
    waiting.unlink();
    forgetDeadline(waiting);
  }

  /** Moves all that wait aside, to the end of a ring. Costs the same for any number. */
  void drainAll(Link aside) {
    active.spliceTo(aside);
    filling++;
    asideSize += size;
    size = 0;
  }

  /** Moves one aside to the end of a ring, from wherever it is here, to be given up. */
  void expire(Waiting waiting, Link aside) {
    if (waiting.filling == filling) {
      size--;
      asideSize++;
    }
    waiting.filling = EXPIRING;
    // Whoever is having it read settles it no more.
    waiting.reading = false;
    waiting.unlink();
    waiting.linkBefore(aside);
    forgetDeadline(waiting);
  }

  /** Whether a message is being settled. */
  boolean isAside(Waiting waiting) {
    return waiting.place == Place.ACTIVE && waiting.filling != filling;
  }

  /**
   * Makes stubs of active messages that are in memory.
   *
   * @param from where to begin; null for the head. One that has left the queue is taken for it
   * @param most how many messages are looked at
   * @return where to go on; null at the end
   */
  @Nullable Waiting swapOut(@Nullable Waiting from, int most, Counter swaps) {
    boolean here = from != null && from.place == Place.ACTIVE && from.filling == filling;
    var at = here ? from : active.following();
    for (int i = 0; at != null && i < most; i++) {
      if (!at.isStub()) {
        at.becomeStub(table.queueMemory);
        swaps.increment();
      }
      at = at.following();
    }
    return at;
  }

  /** When the first of them is given up, wall clock microseconds; {@link WallAlarm#NEVER}. */
  long firstMicros() {
    return expiry.firstMicros();
  }

  /** Follows a step of the wall clock. */
  void rearm() {
    expiry.rearm();
  }

  /** Visits those that wait to be delivered. */
  void forEach(Consumer<Waiting> visitor) {
    for (var at = active.following(); at != null; ) {
      // The visitor may take it out.
      var next = at.following();
      visitor.accept(at);
      at = next;
    }
  }
}
