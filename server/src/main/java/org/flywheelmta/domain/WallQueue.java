package org.flywheelmta.domain;

import java.util.Arrays;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/** Active messages by the time at which they are given up, as a binary heap. */
@NonThreadSafe
final class WallQueue extends WallAlarm {
  private static final @Nullable Waiting[] NOTHING = {};
  private static final int FIRST_ROOM = 4;

  private final DomainRecord record;
  private @Nullable Waiting[] heap = NOTHING;
  private int size;

  WallQueue(DomainRecord record) {
    super(record.scheduler);
    this.record = record;
  }

  @Override
  long firstMicros() {
    return size == 0 ? NEVER : at(0).expiryMicros;
  }

  /** Puts a message in by its {@code expiryMicros}, which stay until it is taken out. */
  void add(Waiting waiting) {
    Check.that(waiting.heapIndex == Waiting.NO_INDEX, "a message waits for two times");
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, Math.max(FIRST_ROOM, size + (size >> (size < 64 ? 1 : 2))));
    }
    size++;
    up(waiting, size - 1);
    onAdded(waiting.expiryMicros);
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
      if (index > 0 && at((index - 1) >> 1).expiryMicros > last.expiryMicros) {
        up(last, index);
      } else {
        down(last, index);
      }
    }
    // The event stays armed for a time that may be too early now, and finds nothing then: cheaper
    // than moving it each time. Nothing is left behind for an empty queue.
    if (size == 0) {
      heap = NOTHING;
      rearm();
    } else if (heap.length > 64 && size < heap.length / 4) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
  }

  @Override
  void onFirstDue() {
    var first = at(0);
    remove(first);
    record.onExpired(first);
  }

  @Override
  void afterPass() {
    record.maintain();
  }

  private void up(Waiting waiting, int from) {
    int index = from;
    while (index > 0) {
      int parent = (index - 1) >> 1;
      var above = at(parent);
      if (above.expiryMicros <= waiting.expiryMicros) {
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
      if (child + 1 < size && at(child + 1).expiryMicros < at(child).expiryMicros) {
        child++;
      }
      if (at(child).expiryMicros >= waiting.expiryMicros) {
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
