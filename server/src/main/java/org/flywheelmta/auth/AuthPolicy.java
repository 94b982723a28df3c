package org.flywheelmta.auth;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What a listener offers, as its options say.
 *
 * @param mechanisms those that may be offered at all
 * @param allowClear whether passwords and tokens may pass where others can read them
 */
@ReadOnlyThreadSafe
public record AuthPolicy(List<Mechanism> mechanisms, boolean allowClear) {
  public AuthPolicy {
    mechanisms = List.copyOf(mechanisms);
  }
}
