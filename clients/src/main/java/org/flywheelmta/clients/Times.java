package org.flywheelmta.clients;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How often a {@link Rule} has fitted, for each name apart. Any thread may count. It keeps {@link
 * #NAMES_MAX} names; beyond them the one that came least recently begins anew.
 */
final class Times {
  static final int NAMES_MAX = 200_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Long> byName = new Recent();

  /** In the order in which they came last. */
  private static final class Recent extends LinkedHashMap<String, Long> {
    private static final long serialVersionUID = 1L;

    Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
      return size() > NAMES_MAX;
    }
  }

  /** Counts: the how manieth time it is, from 1. */
  long count(String name) {
    lock.lock();
    try {
      return byName.merge(name, 1L, Long::sum);
    } finally {
      lock.unlock();
    }
  }

  /** What {@link #count} would say, uncounted. */
  long next(String name) {
    lock.lock();
    try {
      return byName.getOrDefault(name, 0L) + 1;
    } finally {
      lock.unlock();
    }
  }
}
