package org.flywheelmta.scheduler;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * The named pools of schedulers, and the master scheduler, which has a thread of its own: it
 * accepts connections, registers listeners and brings in configuration generations.
 */
@ReadOnlyThreadSafe
public final class Schedulers {
  /** The pool that serves whatever names no other. */
  public static final String DEFAULT_POOL = "events";

  private final Scheduler master;
  private final Map<String, List<Scheduler>> pools;

  /**
   * @param concurrency how many schedulers each named pool has; {@link #DEFAULT_POOL} is among them
   */
  public Schedulers(Platform platform, Map<String, Integer> concurrency) {
    Check.that(concurrency.containsKey(DEFAULT_POOL), "there is no default pool of schedulers");
    this.master = platform.schedulers("master", 1).getFirst();
    var started = new LinkedHashMap<String, List<Scheduler>>();
    concurrency.forEach(
        (pool, count) -> started.put(pool, List.copyOf(platform.schedulers(pool, count))));
    this.pools = started;
  }

  /** The first scheduler. */
  public Scheduler master() {
    return master;
  }

  /** The schedulers of a pool; the configuration's check has made sure that it exists. */
  public List<Scheduler> pool(String name) {
    var pool = pools.get(name);
    if (pool == null) {
      throw new IllegalArgumentException("there is no event loop pool named " + name);
    }
    return pool;
  }
}
