package org.flywheelmta.base;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of memory that many share, with a maximum and four levels of how short they are. A level is
 * left {@link #HYSTERESIS_PERCENT} points below where it is entered, so that nothing flutters.
 *
 * <p>Whoever takes or gives back changes the level where that is due, on its own thread: one
 * comparison otherwise. The count changes first and the level is compared after it, and whoever
 * moved the level looks at the count again, so that of two threads at least one sees what the other
 * did: when all calls have returned, the level fits the count.
 */
@ConcurrentThreadSafe
public final class MemoryBudget implements Lender {
  /** How short memory is, from the least to the most. */
  public enum Level {
    /** There is enough. */
    OPEN(0, 0),
    /** Nothing new begins; what has begun goes on. */
    REFUSING(1, 75),
    /** What can be read back leaves memory. */
    SPILLING(2, 85),
    /** Nothing more comes in until some has left. */
    PAUSING(3, 95);

    /** Its place among the levels, from 0. */
    final int index;

    private final int percent;

    Level(int index, int percent) {
      this.index = index;
      this.percent = percent;
    }

    /** Where the level is entered, in percent of the maximum. */
    public int percent() {
      return percent;
    }

    /** True of this level and those above it. */
    public boolean atLeast(Level other) {
      return compareTo(other) >= 0;
    }
  }

  /** Told of each change of the level, on the thread that made it. */
  @FunctionalInterface
  public interface Listener {
    /**
     * The level has changed. Two changes may be told in any order, so whoever acts reads {@link
     * MemoryBudget#level} again where it acts; it does no more here than to post.
     */
    void onLevel(Level from, Level to);
  }

  /** How far below its entry a level is left, in percent of the maximum. */
  public static final int HYSTERESIS_PERCENT = 5;

  private static final Level[] LEVELS = Level.values();

  private final String name;
  private final long maximum;
  // For each level, by its index: the count from which it holds, and below which it ends.
  private final long[] enter = new long[LEVELS.length + 1];
  private final long[] leave = new long[LEVELS.length];
  private final AtomicLong taken = new AtomicLong();
  private final AtomicInteger level = new AtomicInteger();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final MemoryCounters counters = new MemoryCounters();

  /**
   * @param name as operators know it: the option that sets it
   * @param maximum bytes that may be taken at once; at least 0
   */
  public MemoryBudget(String name, long maximum) {
    Check.that(maximum >= 0, "a budget's maximum is negative");
    this.name = name;
    this.maximum = maximum;
    for (var each : LEVELS) {
      if (each != Level.OPEN) {
        enter[each.index] = share(maximum, each.percent);
        leave[each.index] = share(maximum, each.percent - HYSTERESIS_PERCENT);
      }
    }
    enter[LEVELS.length] = Long.MAX_VALUE;
  }

  /** So many percent, rounded up; at least one byte, so that nothing taken is always open. */
  private static long share(long maximum, int percent) {
    long rest = maximum % 100 * percent;
    return Math.max(1, maximum / 100 * percent + (rest + 99) / 100);
  }

  /** Adds one that is told of every change from now on. */
  public void listen(Listener listener) {
    listeners.add(listener);
  }

  /** Takes {@code bytes}, all or none; never goes above the maximum. */
  public boolean tryTake(long bytes) {
    Check.that(bytes >= 0, "a negative count taken");
    while (true) {
      long now = taken.get();
      if (bytes > maximum - now) {
        return false;
      }
      if (taken.compareAndSet(now, now + bytes)) {
        onTaken(now + bytes);
        return true;
      }
    }
  }

  /** Takes {@code bytes} even above the maximum, for what is there already and must be counted. */
  public void take(long bytes) {
    Check.that(bytes >= 0, "a negative count taken");
    onTaken(taken.addAndGet(bytes));
  }

  private void onTaken(long now) {
    if (now >= enter[level.get() + 1]) {
      follow();
    }
  }

  @Override
  public void release(long bytes) {
    Check.that(bytes >= 0, "a negative count released");
    long now = taken.addAndGet(-bytes);
    if (now < 0) {
      throw Check.bug(name + " was released more often than taken");
    }
    if (now < leave[level.get()]) {
      follow();
    }
  }

  /** Moves the level to where the count is, until both stand still. */
  private void follow() {
    while (true) {
      int from = level.get();
      int to = levelFor(from, taken.get());
      if (to == from) {
        return;
      }
      if (level.compareAndSet(from, to)) {
        counters.onLevel(LEVELS[from], LEVELS[to]);
        for (var listener : listeners) {
          listener.onLevel(LEVELS[from], LEVELS[to]);
        }
      }
    }
  }

  private int levelFor(int from, long now) {
    int to = from;
    while (to + 1 < LEVELS.length && now >= enter[to + 1]) {
      to++;
    }
    while (now < leave[to]) {
      to--;
    }
    return to;
  }

  /** How short memory is now. */
  public Level level() {
    return LEVELS[level.get()];
  }

  /** True at this level and those above it. */
  public boolean atLeast(Level other) {
    return level.get() >= other.index;
  }

  /** Bytes that are taken now. */
  public long taken() {
    return taken.get();
  }

  public long maximum() {
    return maximum;
  }

  public String name() {
    return name;
  }

  /** What happened because of its levels. */
  public MemoryCounters counters() {
    return counters;
  }
}
