package org.flywheelmta.base;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A named count with a maximum, taken and given back from any thread. {@link #tryTake} never goes
 * above the maximum; {@link #take} does, for what is there already.
 */
@ConcurrentThreadSafe
public final class Limit {
  private final String name;
  private final long maximum;
  private final AtomicLong taken = new AtomicLong();

  /**
   * @param name as operators know it, such as the option that sets it
   * @param maximum how many may be taken at once; at least 0
   */
  public Limit(String name, long maximum) {
    Check.that(maximum >= 0, "a limit's maximum is negative");
    this.name = name;
    this.maximum = maximum;
  }

  /** Takes {@code count}, all or none. */
  public boolean tryTake(long count) {
    Check.that(count >= 0, "a negative count taken");
    while (true) {
      long now = taken.get();
      if (count > maximum - now) {
        return false;
      }
      if (taken.compareAndSet(now, now + count)) {
        return true;
      }
    }
  }

  /** Takes {@code count} even above the maximum, for what is there already and must be counted. */
  public void take(long count) {
    Check.that(count >= 0, "a negative count taken");
    taken.addAndGet(count);
  }

  /** Gives back {@code count} that was taken before. */
  public void release(long count) {
    Check.that(count >= 0, "a negative count released");
    if (taken.addAndGet(-count) < 0) {
      throw Check.bug(name + " was released more often than taken");
    }
  }

  /** How many are taken now. */
  public long taken() {
    return taken.get();
  }

  public long maximum() {
    return maximum;
  }

  public String name() {
    return name;
  }
}
