package org.flywheelmta.domain;

import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Waiting.Place;
import org.flywheelmta.scheduler.Scheduler;

/** The messages of a domain that wait for their time: to be tried again, or to be given up. */
@NonThreadSafe
final class DelayedQueue {
  private final WallQueue queue;
  private final QueueTotals totals;

  /**
   * @param onDue takes a message that was removed because its time has come
   * @param afterPass called after several came out
   */
  DelayedQueue(
      Scheduler scheduler, QueueTotals totals, Consumer<Waiting> onDue, Runnable afterPass) {
    this.totals = totals;
    this.queue =
        new WallQueue(
            scheduler,
            waiting -> {
              waiting.move(Place.DELAYED, Place.NONE, totals);
              onDue.accept(waiting);
            },
            afterPass);
  }

  void add(Waiting waiting, long wakeMicros) {
    waiting.move(Place.NONE, Place.DELAYED, totals);
    queue.add(waiting, wakeMicros);
  }

  void remove(Waiting waiting) {
    waiting.move(Place.DELAYED, Place.NONE, totals);
    queue.remove(waiting);
  }

  int size() {
    return queue.size();
  }

  /** When the first of them is due, wall clock microseconds; {@link WallQueue#NEVER}. */
  long firstMicros() {
    return queue.firstMicros();
  }

  /** Follows a step of the wall clock. */
  void rearm() {
    queue.rearm();
  }

  void forEach(Consumer<Waiting> visitor) {
    queue.forEach(visitor);
  }
}
