package org.flywheelmta.domain;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.flywheelmta.base.ConcurrentThreadSafe;

/**
 * The destinations of one configuration generation that were asked for. Reading takes no lock. The
 * map is dropped as a whole when it is full or the generation changes, so that a peer who names
 * ever new domains costs look-ups and not memory.
 */
@ConcurrentThreadSafe
final class Destinations {
  /** How many are kept. */
  static final int MOST = 10_000;

  private final DomainPolicies policies;
  private final Set<String> hotDomains;
  private final int pool;
  private volatile Kept kept = new Kept(0, new ConcurrentHashMap<>());

  private record Kept(int generation, ConcurrentHashMap<String, Destination> destinations) {}

  /**
   * @param hotDomains whose records are sharded like those of gateways; in lower case
   * @param pool how many schedulers there are
   */
  Destinations(DomainPolicies policies, Set<String> hotDomains, int pool) {
    this.policies = policies;
    this.hotDomains = hotDomains;
    this.pool = pool;
  }

  /**
   * Where the mail of a domain goes.
   *
   * @param domain in lower case
   */
  Destination of(String domain) {
    var now = kept;
    var known = now.destinations.get(domain);
    if (known != null) {
      return known;
    }
    // Two threads may look the same domain up at once; both get the same answer.
    var found = find(domain);
    if (now.destinations.mappingCount() >= MOST) {
      now.destinations.clear();
    }
    now.destinations.put(domain, found);
    return found;
  }

  private Destination find(String domain) {
    var policy = policies.of(domain);
    var name = RoutingName.of(domain, policy);
    return new Destination(domain, policy, name, isSharded(name), name.spread(pool), pool);
  }

  /** The options under the name of a record. */
  DomainPolicy policy(RoutingName name) {
    return of(name.host()).policy();
  }

  /** Whether a record is one shard of several. */
  boolean isSharded(RoutingName name) {
    return pool > 1 && (name.isGateway() || hotDomains.contains(name.host()));
  }

  /** Rises with each change; what was decided under another number is decided again. */
  int generation() {
    return kept.generation;
  }

  /** Forgets everything. Called on one thread at a time. */
  void renew() {
    kept = new Kept(kept.generation + 1, new ConcurrentHashMap<>());
  }
}
