package org.flywheelmta.domain;

import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.TransactionId;

/**
 * Where the mail of a domain queues under one configuration generation.
 *
 * @param policy of the domain itself
 * @param name of the domain record
 * @param shards over how many schedulers the record is spread, from 1
 * @param first the scheduler of the record, or of its first shard
 * @param pool how many schedulers there are
 */
@ReadOnlyThreadSafe
record Destination(DomainPolicy policy, RoutingName name, int shards, int first, int pool) {
  /** The scheduler that a transaction's messages go to; siblings stay together. */
  int target(TransactionId id) {
    return shards == 1 ? first : (first + spread(id)) % pool;
  }

  /** A number below the number of shards that is the same in every run, spread evenly. */
  private int spread(TransactionId id) {
    long mixed = (id.low() ^ id.high()) * 0x9e3779b97f4a7c15L;
    return (int) ((mixed >>> 33) % shards);
  }
}
