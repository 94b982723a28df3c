package org.flywheelmta.domain;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.jspecify.annotations.Nullable;

/** What the shards of one name have in common: the limit of their connections, and nothing else. */
@ConcurrentThreadSafe
final class Shards {
  final RoutingName name;
  final ConnectionLimit limit;
  private final AtomicReferenceArray<@Nullable CallBack> shards;
  // How many shards there are; once it is 0 it stays 0, and this is of no use any more.
  private final AtomicInteger count = new AtomicInteger(1);

  /** Made for its first shard, which is counted. */
  Shards(RoutingName name, int pool, int maximum) {
    this.name = name;
    this.limit = new ConnectionLimit(maximum, pool, this::callIdle);
    this.shards = new AtomicReferenceArray<>(pool);
  }

  /** Counts one more; false when the last has gone. */
  boolean tryJoin() {
    while (true) {
      int now = count.get();
      if (now == 0) {
        return false;
      }
      if (count.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /** Lets a shard that is counted hear when its idle sessions are asked for. */
  void listen(int index, CallBack callBack) {
    Check.that(shards.getAndSet(index, callBack) == null, "a scheduler has two shards of a name");
  }

  /** Takes a shard off; true for the last one. */
  boolean leave(int index) {
    shards.set(index, null);
    boolean last = count.decrementAndGet() == 0;
    Check.that(!last || limit.taken() == 0, "a connection has outlived its shard");
    return last;
  }

  private void callIdle() {
    for (int i = 0; i < shards.length(); i++) {
      var shard = shards.get(i);
      if (shard != null) {
        shard.post();
      }
    }
  }
}
