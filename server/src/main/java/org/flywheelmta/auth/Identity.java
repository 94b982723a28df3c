package org.flywheelmta.auth;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * Who a connection is, once it has authenticated.
 *
 * @param name of the account
 * @param roles what it may do
 * @param mechanism by which it was shown
 */
@ReadOnlyThreadSafe
public record Identity(String name, List<String> roles, Mechanism mechanism) {
  public Identity {
    roles = List.copyOf(roles);
  }
}
