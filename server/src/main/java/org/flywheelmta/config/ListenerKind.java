package org.flywheelmta.config;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** The listener of one protocol: its stanza, and the {@code listen} and {@code peer} within. */
@ReadOnlyThreadSafe
public record ListenerKind(ScopeKind listener, ScopeKind listen, ScopeKind peer) {
  /** Declares a listener whose stanza is {@code name}. */
  public static ListenerKind of(String name) {
    var listener =
        new ScopeKind(
            name, ScopeKind.Naming.OPTIONAL, ScopeKind.LISTENER, List.of(ScopeKind.GLOBAL));
    var listen =
        new ScopeKind("listen", ScopeKind.Naming.ADDRESS, ScopeKind.LISTEN, List.of(listener));
    var peer =
        new ScopeKind("peer", ScopeKind.Naming.NETWORK, ScopeKind.PEER, List.of(listener, listen));
    return new ListenerKind(listener, listen, peer);
  }

  /** Where options of this protocol's listener are set. */
  public List<ScopeKind> scopes() {
    return List.of(listener, listen, peer);
  }
}
