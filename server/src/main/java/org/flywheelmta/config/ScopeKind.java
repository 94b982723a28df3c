package org.flywheelmta.config;

import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/** A kind of stanza, and so a place where options are set. Declared once; compared by identity. */
@ReadOnlyThreadSafe
public final class ScopeKind {
  /** What follows the name of a stanza. */
  public enum Naming {
    /** Nothing: there is one. */
    NONE,
    /** A name, or nothing. */
    OPTIONAL,
    /** A case-sensitive name without blanks and colons. */
    NAME,
    /** A domain or host, in any case, or a pattern between slashes. */
    HOSTNAME,
    /** A network or an address. */
    NETWORK,
    /** An address or a path, as it is. */
    ADDRESS
  }

  /** The top level of the files, within no stanza. */
  public static final ScopeKind GLOBAL =
      new ScopeKind("the top level", Naming.NONE, null, List.of());

  /** A group of bindings; a binding belongs to it by standing in it. */
  public static final ScopeKind GROUP = stanza("binding_group", Naming.NAME);

  /** A named source of deliveries. */
  public static final ScopeKind BINDING = stanza("binding", Naming.NAME, GLOBAL, GROUP);

  /** A destination, for all bindings or within a binding or group. */
  public static final ScopeKind DOMAIN = stanza("domain", Naming.HOSTNAME, GLOBAL, GROUP, BINDING);

  /** A host that takes deliveries, for all bindings or within a binding or group. */
  public static final ScopeKind HOST = stanza("host", Naming.HOSTNAME, GLOBAL, GROUP, BINDING);

  /** Every listener; see {@link ListenerKind} for those of one protocol. */
  public static final ScopeKind LISTENER = new ScopeKind("listener", Naming.NONE, null, List.of());

  /** Every listen of every listener. */
  public static final ScopeKind LISTEN = new ScopeKind("listen", Naming.NONE, null, List.of());

  /** Every peer of every listener or listen. */
  public static final ScopeKind PEER = new ScopeKind("peer", Naming.NONE, null, List.of());

  /** Where options of delivery are set: top level, group, binding and domain. */
  public static final List<ScopeKind> DELIVERY = List.of(GLOBAL, GROUP, BINDING, DOMAIN);

  /** Where options of all listeners are set: listener, listen and peer. */
  public static final List<ScopeKind> RECEPTION = List.of(LISTENER, LISTEN, PEER);

  private final String name;
  private final Naming naming;
  private final @Nullable ScopeKind general;
  private final List<ScopeKind> parents;

  ScopeKind(String name, Naming naming, @Nullable ScopeKind general, List<ScopeKind> parents) {
    Check.that(name.equals(Words.fold(name)), "the name of a stanza is in lower case: " + name);
    this.name = name;
    this.naming = naming;
    this.general = general;
    this.parents = parents;
  }

  /** Declares a stanza that may stand in {@code parents}; with none, at the top level. */
  public static ScopeKind stanza(String name, Naming naming, ScopeKind... parents) {
    return new ScopeKind(
        name, naming, null, parents.length == 0 ? List.of(GLOBAL) : List.of(parents));
  }

  /** The word that begins the stanza. */
  public String name() {
    return name;
  }

  Naming naming() {
    return naming;
  }

  List<ScopeKind> parents() {
    return parents;
  }

  /** Whether an option declared for {@code declared} may be set here. */
  boolean is(ScopeKind declared) {
    return this == declared || (general != null && general.is(declared));
  }

  /** As a sentence names it: {@code esmtp_listener}, or {@code peer of esmtp_listener}. */
  @Override
  public String toString() {
    return general == null || is(LISTENER) ? name : name + " of " + parents.getFirst().name;
  }
}
