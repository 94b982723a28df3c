package org.flywheelmta.domain;

import java.util.function.Consumer;
import org.flywheelmta.base.Counter;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Waiting.Place;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The active messages of a domain and binding, first in, first out. Siblings of one transaction
 * that came together are neighbours, so that a batch is the beginning of the queue.
 *
 * <p>What is to be settled as a whole (a host that takes no connection, a blackhole) is moved aside
 * at once, {@link #drainAll}, and settled in bounded steps from there.
 */
@NonThreadSafe
final class MailQueue {
  private final Link active = new Link();
  private final Link draining = new Link();
  private final WallQueue expiry;
  private final QueueTotals totals;
  // Rises when all that waits is moved aside, so that nothing has to be told of it one by one.
  private int filling;
  private int size;
  private int drainingSize;

  /**
   * @param onExpired takes a message, still in its place, whose time in the queue is over
   */
  MailQueue(
      Scheduler scheduler, QueueTotals totals, Consumer<Waiting> onExpired, Runnable afterPass) {
    this.expiry = new WallQueue(scheduler, onExpired, afterPass);
    this.totals = totals;
  }

  /** How many wait to be delivered. */
  int size() {
    return size;
  }

  /** How many are being settled. */
  int drainingSize() {
    return drainingSize;
  }

  /**
   * Puts a message last.
   *
   * @param deadlineMicros when it is given up while it waits here; {@link WallQueue#NEVER} for
   *     never
   */
  void append(Waiting waiting, long deadlineMicros) {
    insertBefore(active, waiting, deadlineMicros);
  }

  /** Puts a message first. */
  void prepend(Waiting waiting, long deadlineMicros) {
    insertBefore(active.first(), waiting, deadlineMicros);
  }

  private void insertBefore(Link place, Waiting waiting, long deadlineMicros) {
    waiting.move(Place.NONE, Place.ACTIVE, totals);
    waiting.filling = filling;
    waiting.linkBefore(place);
    size++;
    await(waiting, deadlineMicros);
  }

  /** Sets anew when a message is given up. */
  void await(Waiting waiting, long deadlineMicros) {
    if (waiting.heapIndex != Waiting.NO_INDEX) {
      expiry.remove(waiting);
    }
    if (deadlineMicros != WallQueue.NEVER) {
      expiry.add(waiting, deadlineMicros);
    }
  }

  @Nullable Waiting head() {
    return active.following();
  }

  @Nullable Waiting drainingHead() {
    return draining.following();
  }

  /** Takes a message out, from the queue or from what is being settled. */
  void remove(Waiting waiting) {
    waiting.move(Place.ACTIVE, Place.NONE, totals);
    if (waiting.filling == filling) {
      size--;
    } else {
      drainingSize--;
    }
    waiting.unlink();
    if (waiting.heapIndex != Waiting.NO_INDEX) {
      expiry.remove(waiting);
    }
  }

  /** Moves all that wait aside, to be settled. Costs the same for any number. */
  void drainAll() {
    active.spliceTo(draining);
    filling++;
    drainingSize += size;
    size = 0;
  }

  /**
   * Gives the memory of content back that the active messages hold.
   *
   * @param from where to begin; null for the head. One that has left the queue is taken for it
   * @param most how many messages are looked at
   * @return where to go on; null at the end
   */
  @Nullable Waiting swapOut(@Nullable Waiting from, int most, Counter swaps) {
    boolean here = from != null && from.place == Place.ACTIVE && from.filling == filling;
    var at = here ? from : active.following();
    for (int i = 0; at != null && i < most; i++) {
      if (at.message.content() != null) {
        at.message.swapOut();
        swaps.increment();
      }
      at = at.following();
    }
    return at;
  }

  /** When the first of them is given up, wall clock microseconds; {@link WallQueue#NEVER}. */
  long firstMicros() {
    return expiry.firstMicros();
  }

  /** Follows a step of the wall clock. */
  void rearm() {
    expiry.rearm();
  }

  void forEach(Consumer<Waiting> visitor) {
    for (var at = draining.following(); at != null; at = at.following()) {
      visitor.accept(at);
    }
    for (var at = active.following(); at != null; at = at.following()) {
      visitor.accept(at);
    }
  }
}
