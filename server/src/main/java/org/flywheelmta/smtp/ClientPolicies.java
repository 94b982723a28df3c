package org.flywheelmta.smtp;

import org.flywheelmta.base.ConcurrentThreadSafe;

/** Where delivery sessions find the options in force; the wiring reads them from configuration. */
@FunctionalInterface
@ConcurrentThreadSafe
public interface ClientPolicies {
  /** The options of a session to be opened now for the domain record of that name. */
  ClientPolicy of(String domain);
}
