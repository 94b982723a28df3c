package org.flywheelmta.config;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** The listener of one protocol: its stanza, and the {@code listen} and {@code peer} within. */
@ReadOnlyThreadSafe
public record ListenerKind(ScopeKind listener, ScopeKind listen, ScopeKind peer) {
  /** Declares a listener whose stanza is {@code name}. */
  public static ListenerKind of(String name) {
    return of(name, new ListenerKind(ScopeKind.LISTENER, ScopeKind.LISTEN, ScopeKind.PEER));
  }

  /** Declares a listener in which every option of {@code general} may be set too. */
  public static ListenerKind of(String name, ListenerKind general) {
    var listener =
        new ScopeKind(name, ScopeKind.Naming.OPTIONAL, general.listener, List.of(ScopeKind.GLOBAL));
    var listen =
        new ScopeKind("listen", ScopeKind.Naming.ADDRESS, general.listen, List.of(listener));
    var peer =
        new ScopeKind("peer", ScopeKind.Naming.NETWORK, general.peer, List.of(listener, listen));
    return new ListenerKind(listener, listen, peer);
  }

  /** Where options of this protocol's listener are set. */
  public List<ScopeKind> scopes() {
    return List.of(listener, listen, peer);
  }
}
