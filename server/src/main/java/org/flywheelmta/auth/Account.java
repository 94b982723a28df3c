package org.flywheelmta.auth;

import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * Who may log in.
 *
 * @param name prepared by SASLprep; it has case
 * @param roles what it may do, as protocols and commands understand it
 * @param keys of its password, one for each hash; at least one
 */
@ReadOnlyThreadSafe
public record Account(String name, List<String> roles, List<ScramKeys> keys) {
  public Account {
    Check.that(!keys.isEmpty(), "an account without a password");
    roles = List.copyOf(roles);
    keys = List.copyOf(keys);
  }

  /** Its keys for a hash; null where it has none. */
  public @Nullable ScramKeys keys(ScramHash hash) {
    for (var some : keys) {
      if (some.hash() == hash) {
        return some;
      }
    }
    return null;
  }

  /** The keys that a password is verified with: those of the better hash. */
  ScramKeys passwordKeys() {
    var best = keys(ScramHash.SHA_256);
    return best == null ? keys.getFirst() : best;
  }
}
