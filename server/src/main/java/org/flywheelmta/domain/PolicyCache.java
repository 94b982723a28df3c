package org.flywheelmta.domain;

import java.util.concurrent.ConcurrentHashMap;
import org.flywheelmta.base.ConcurrentThreadSafe;

/**
 * The policies of one configuration generation that were asked for. Reading takes no lock. The map
 * is dropped as a whole when it is full or the generation changes, so that a peer who names ever
 * new domains costs look-ups and not memory.
 */
@ConcurrentThreadSafe
final class PolicyCache {
  /** How many policies are kept. */
  static final int MOST = 10_000;

  private final DomainPolicies source;
  private volatile Kept kept = new Kept(0, new ConcurrentHashMap<>());

  private record Kept(int generation, ConcurrentHashMap<String, DomainPolicy> policies) {}

  PolicyCache(DomainPolicies source) {
    this.source = source;
  }

  DomainPolicy of(String domain) {
    var now = kept;
    var known = now.policies.get(domain);
    if (known != null) {
      return known;
    }
    // Two threads may look the same domain up at once; both get the same answer.
    var policy = source.of(domain);
    if (now.policies.mappingCount() >= MOST) {
      now.policies.clear();
    }
    now.policies.put(domain, policy);
    return policy;
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
