package org.flywheelmta.config;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * A listener that an operator wrote.
 *
 * @param name empty when the stanza has none
 * @param at where it first stands
 * @param scope of the listener itself, before a listen and a peer are known
 * @param listens where it listens, in file order
 */
@ReadOnlyThreadSafe
public record Listener(
    ListenerKind kind, String name, Position at, Scope scope, List<Listen> listens) {
  static Listener of(Schema schema, ListenerKind kind, Stanza stanza) {
    var listens =
        stanza.within(kind.listen()).stream()
            .map(l -> new Listen(schema, kind, stanza.node(), l))
            .toList();
    return new Listener(kind, stanza.name(), stanza.at(), stanza.scope(), listens);
  }
}
