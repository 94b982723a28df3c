package org.flywheelmta.domain;

import java.util.Arrays;
import java.util.function.Consumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/**
 * Messages that wait for a time of the wall clock: a binary heap by that time, and one timed event
 * for the first. The event runs on the monotonic clock, so a message never comes out early by
 * either clock's reckoning: when the event fires and the wall clock is not there yet, it is armed
 * again. {@link #rearm} follows a wall clock that was set forward.
 */
@NonThreadSafe
final class WallQueue {
  /** The time that never comes. */
  static final long NEVER = Long.MAX_VALUE;

  /** How many come out in one pass; the rest follows in the next. */
  static final int MOST_PER_PASS = 1000;

  private static final long FURTHEST_MICROS = 366L * 24 * 3600 * 1_000_000;
  private static final int FIRST_ROOM = 16;

  private final Scheduler scheduler;
  private final Consumer<Waiting> onDue;
  private final Runnable afterPass;
  private final TimedEvent event = TimedEvent.of(this::onTime);
  private @Nullable Waiting[] heap = new @Nullable Waiting[FIRST_ROOM];
  private int size;
  private long armedMicros = NEVER;

  /**
   * @param onDue takes what was removed, because its time has come
   * @param afterPass called after a pass in which any came out
   */
  WallQueue(Scheduler scheduler, Consumer<Waiting> onDue, Runnable afterPass) {
    this.scheduler = scheduler;
    this.onDue = onDue;
    this.afterPass = afterPass;
  }

  int size() {
    return size;
  }

  /** The earliest time in the queue; {@link #NEVER} when it is empty. */
  long firstMicros() {
    return size == 0 ? NEVER : at(0).wakeMicros;
  }

  void add(Waiting waiting, long wakeMicros) {
    Check.that(waiting.heapIndex == Waiting.NO_INDEX, "a message waits for two times");
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size + (size >> 1));
    }
    waiting.wakeMicros = wakeMicros;
    size++;
    up(waiting, size - 1);
    if (wakeMicros < armedMicros) {
      rearm();
    }
  }

  void remove(Waiting waiting) {
    int index = waiting.heapIndex;
    Check.that(
        index >= 0 && index < size && at(index) == waiting, "a heap of waiting messages is broken");
    waiting.heapIndex = Waiting.NO_INDEX;
    size--;
    var last = at(size);
    heap[size] = null;
    if (last != waiting) {
      if (index > 0 && at((index - 1) >> 1).wakeMicros > last.wakeMicros) {
        up(last, index);
      } else {
        down(last, index);
      }
    }
    // The event stays armed for a time that may be too early now, and finds nothing then: cheaper
    // than moving it each time. Nothing is left behind for an empty queue.
    if (size == 0) {
      rearm();
    }
  }

  void forEach(Consumer<Waiting> visitor) {
    for (int i = 0; i < size; i++) {
      visitor.accept(at(i));
    }
  }

  /** Arms the event for the first time in the queue, by the wall clock of now. */
  void rearm() {
    armedMicros = firstMicros();
    if (armedMicros == NEVER) {
      scheduler.disarm(event);
      return;
    }
    long delayMicros = Math.max(0, armedMicros - scheduler.wallMicros());
    scheduler.arm(event, Math.min(delayMicros, FURTHEST_MICROS) * 1000);
  }

  private void onTime(long nowNanos) {
    long wallMicros = scheduler.wallMicros();
    int out = 0;
    while (out < MOST_PER_PASS && firstMicros() <= wallMicros) {
      var first = at(0);
      remove(first);
      out++;
      onDue.accept(first);
    }
    rearm();
    if (out > 0) {
      afterPass.run();
    }
  }

  private void up(Waiting waiting, int from) {
    int index = from;
    while (index > 0) {
      int parent = (index - 1) >> 1;
      var above = at(parent);
      if (above.wakeMicros <= waiting.wakeMicros) {
        break;
      }
      put(above, index);
      index = parent;
    }
    put(waiting, index);
  }

  private void down(Waiting waiting, int from) {
    int index = from;
    int half = size >> 1;
    while (index < half) {
      int child = 2 * index + 1;
      if (child + 1 < size && at(child + 1).wakeMicros < at(child).wakeMicros) {
        child++;
      }
      if (at(child).wakeMicros >= waiting.wakeMicros) {
        break;
      }
      put(at(child), index);
      index = child;
    }
    put(waiting, index);
  }

  private void put(Waiting waiting, int index) {
    heap[index] = waiting;
    waiting.heapIndex = index;
  }

  private Waiting at(int index) {
    var waiting = heap[index];
    if (waiting == null) {
      throw Check.bug("a heap of waiting messages has a hole");
    }
    return waiting;
  }
}
