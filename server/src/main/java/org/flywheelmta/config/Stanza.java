package org.flywheelmta.config;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * One stanza that an operator wrote, its repetitions merged. Its scope falls back to the stanzas
 * around it and the top level.
 */
@ReadOnlyThreadSafe
public final class Stanza {
  private final Schema schema;
  private final ScopeNode node;
  private final List<ScopeNode> levels;
  private final Scope scope;

  Stanza(Schema schema, ScopeNode node, List<ScopeNode> around) {
    this.schema = schema;
    this.node = node;
    levels = new ArrayList<>(List.of(node));
    levels.addAll(around);
    scope = new Scope(schema, levels);
  }

  /** The name behind the word that begins it; empty when there is none. */
  public String name() {
    return node.name();
  }

  /** Where it first stands. */
  public Position at() {
    return node.at();
  }

  public Scope scope() {
    return scope;
  }

  /** The stanzas of one kind in it, in file order. */
  public List<Stanza> within(ScopeKind kind) {
    return node.children(kind).stream().map(n -> new Stanza(schema, n, levels)).toList();
  }

  ScopeNode node() {
    return node;
  }

  List<ScopeNode> levels() {
    return levels;
  }
}
