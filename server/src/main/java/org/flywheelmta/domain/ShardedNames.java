package org.flywheelmta.domain;

import java.util.concurrent.ConcurrentHashMap;
import org.flywheelmta.base.ConcurrentThreadSafe;

/** What the shards of each name share, from the first shard of a name to the last. */
@ConcurrentThreadSafe
final class ShardedNames {
  private final ConcurrentHashMap<RoutingName, Shards> names = new ConcurrentHashMap<>();
  private final int pool;

  /**
   * @param pool how many schedulers there are, and so how many shards at most
   */
  ShardedNames(int pool) {
    this.pool = pool;
  }

  /**
   * Counts one shard more.
   *
   * @param maximum the connections of the name, for its first shard
   */
  Shards join(RoutingName name, int maximum) {
    while (true) {
      var known = names.get(name);
      if (known == null) {
        var made = new Shards(name, pool, maximum);
        if (names.putIfAbsent(name, made) == null) {
          return made;
        }
      } else if (known.tryJoin()) {
        return known;
      } else {
        // Its last shard is about to take it off; whoever comes first does.
        names.remove(name, known);
      }
    }
  }

  /** Takes off the shard of a scheduler, and the name with its last one. */
  void leave(Shards shards, int index) {
    if (shards.leave(index)) {
      names.remove(shards.name, shards);
    }
  }

  /** How many names have shards. */
  int size() {
    return names.size();
  }
}
