package org.flywheelmta.domain;

import org.flywheelmta.base.ConcurrentThreadSafe;

/** Looks up the options of a domain; made from the configuration. */
@ConcurrentThreadSafe
@FunctionalInterface
public interface DomainPolicies {
  /**
   * The options of a domain in the newest generation. It costs a look-up through scopes and
   * patterns, so callers keep the answer until {@link Domains#onPolicyChange}.
   *
   * @param domain in lower case; for a gateway its host, without the port
   */
  DomainPolicy of(String domain);
}
