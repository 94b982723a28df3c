package org.flywheelmta.auth;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/**
 * Remembers what a slow source has said: accounts for a while, that there is none for a shorter
 * one, failures never. Fixed in size: a name has four places, and where all are taken the oldest
 * goes. It holds keys as the source gave them, and never a password. Without locks.
 */
@ConcurrentThreadSafe
public final class CachingAccounts implements AccountSource {
  private static final int WAYS = 4;

  /**
   * How much is remembered, and how long.
   *
   * @param entries a power of two, at least four
   * @param knownNanos how long an account counts after it was looked up
   * @param unknownNanos how long it counts that there is none
   */
  @ReadOnlyThreadSafe
  public record Bounds(int entries, long knownNanos, long unknownNanos) {
    /** 16,384 entries; 60 s and 5 s. */
    public static final Bounds DEFAULT =
        new Bounds(1 << 14, TimeUnit.SECONDS.toNanos(60), TimeUnit.SECONDS.toNanos(5));

    public Bounds {
      Check.that(entries >= WAYS && Integer.bitCount(entries) == 1, "a cache of an odd size");
    }
  }

  private record Entry(String name, Found found, long bornNanos) {}

  private final AccountSource source;
  private final Bounds bounds;
  private final Clock clock;
  private final long seed;
  private final AtomicReferenceArray<Entry> entries;

  public CachingAccounts(AccountSource source, Bounds bounds, Clock clock, Randomness randomness) {
    this.source = source;
    this.bounds = bounds;
    this.clock = clock;
    this.seed = randomness.secret();
    this.entries = new AtomicReferenceArray<>(bounds.entries());
  }

  @Override
  public void find(String name, Scheduler asker, Consumer<Found> answer) {
    long now = clock.nanoTime();
    int begin = begin(name);
    for (int i = begin; i < begin + WAYS; i++) {
      var entry = entries.get(i);
      if (entry != null && entry.name().equals(name) && isGood(entry, now)) {
        answer.accept(entry.found());
        return;
      }
    }
    source.find(
        name,
        asker,
        found -> {
          if (!(found instanceof Found.Failed)) {
            keep(new Entry(name, found, now));
          }
          answer.accept(found);
        });
  }

  private void keep(Entry fresh) {
    int begin = begin(fresh.name());
    int chosen = begin;
    long oldest = Long.MIN_VALUE;
    for (int i = begin; i < begin + WAYS; i++) {
      var entry = entries.get(i);
      if (entry != null && entry.name().equals(fresh.name())) {
        chosen = i;
        break;
      }
      long age = entry == null ? Long.MAX_VALUE : fresh.bornNanos() - entry.bornNanos();
      if (age > oldest) {
        oldest = age;
        chosen = i;
      }
    }
    entries.set(chosen, fresh);
  }

  private boolean isGood(Entry entry, long now) {
    long life = entry.found() instanceof Found.Known ? bounds.knownNanos() : bounds.unknownNanos();
    return now - entry.bornNanos() < life;
  }

  /** Seeded, so that nobody outside knows which names share places. */
  private int begin(String name) {
    long hash = seed;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x9e37_79b9_7f4a_7c15L;
      hash ^= hash >>> 29;
    }
    return (int) (hash & (bounds.entries() / WAYS - 1)) * WAYS;
  }
}
