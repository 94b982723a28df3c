package org.flywheelmta.domain;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * Where the mail of a domain queues under one configuration generation.
 *
 * @param domain in lower case; the text that all who wait for it share
 * @param policy of the domain itself
 * @param name of the domain record
 * @param shards over how many schedulers the record is spread, from 1
 * @param first the scheduler of the record, or of its first shard
 * @param pool how many schedulers there are
 */
@ReadOnlyThreadSafe
record Destination(
    String domain, DomainPolicy policy, RoutingName name, int shards, int first, int pool) {
  /** The scheduler that the messages of a transaction go to, by its id; siblings stay together. */
  int target(long idHigh, long idLow) {
    return shards == 1 ? first : (first + spread(idHigh, idLow)) % pool;
  }

  /** A number below the number of shards that is the same in every run, spread evenly. */
  private int spread(long idHigh, long idLow) {
    long mixed = (idLow ^ idHigh) * 0x9e3779b97f4a7c15L;
    return (int) ((mixed >>> 33) % shards);
  }
}
