package org.flywheelmta.domain;

import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.TransactionId;

/**
 * Where the mail of a domain queues under one configuration generation.
 *
 * @param domain in lower case; the text that all who wait for it share
 * @param policy of the domain itself
 * @param name of the domain record
 * @param sharded whether the record has a shard on each scheduler
 * @param home the scheduler of a record that is not sharded
 * @param pool how many schedulers there are
 */
@ReadOnlyThreadSafe
record Destination(
    String domain, DomainPolicy policy, RoutingName name, boolean sharded, int home, int pool) {
  /**
   * The scheduler that the messages of a transaction go to, by the lower half of its id; siblings
   * stay together.
   */
  int target(long idLow) {
    return sharded ? TransactionId.lot(idLow, pool) : home;
  }
}
