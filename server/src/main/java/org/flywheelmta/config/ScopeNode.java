package org.flywheelmta.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * One stanza of a generation, all its repetitions merged: its settings and the stanzas in it. The
 * {@code Binder} fills it; it never changes once its generation is made.
 */
@ReadOnlyThreadSafe
final class ScopeNode {
  private final ScopeKind kind;
  private final String name;
  private final Position at;
  private final String path;
  private final @Nullable NamePattern pattern;
  private final Map<Option<?>, Setting> settings = new HashMap<>();
  private final Map<ScopeKind, Map<String, ScopeNode>> children = new LinkedHashMap<>();
  private final Map<ScopeKind, List<ScopeNode>> patterns = new HashMap<>();

  /** The top level. */
  ScopeNode(Position at) {
    this(ScopeKind.GLOBAL, "", at, ScopeKind.GLOBAL.name(), null);
  }

  private ScopeNode(
      ScopeKind kind, String name, Position at, String path, @Nullable NamePattern pattern) {
    this.kind = kind;
    this.name = name;
    this.at = at;
    this.path = path;
    this.pattern = pattern;
  }

  /** Adds a stanza that is not there yet. */
  ScopeNode add(
      ScopeKind childKind, String childName, Position where, @Nullable NamePattern names) {
    var shown =
        childName.isEmpty() ? childKind.name() : childKind.name() + " " + Words.shown(childName);
    var childPath = kind == ScopeKind.GLOBAL ? shown : path + " > " + shown;
    var child = new ScopeNode(childKind, childName, where, childPath, names);
    children.computeIfAbsent(childKind, _ -> new LinkedHashMap<>()).put(childName, child);
    if (names != null) {
      patterns.computeIfAbsent(childKind, _ -> new ArrayList<>()).add(child);
    }
    return child;
  }

  /** The earlier setting, which this one replaces. */
  @Nullable Setting set(Option<?> option, Setting setting) {
    return settings.put(option, setting);
  }

  @Nullable Setting setting(Option<?> option) {
    return settings.get(option);
  }

  boolean setsNothing() {
    return settings.isEmpty();
  }

  /** Visits this stanza and all within. */
  void forEach(Consumer<ScopeNode> visitor) {
    visitor.accept(this);
    children.values().forEach(kinds -> kinds.values().forEach(child -> child.forEach(visitor)));
  }

  /** The stanzas of one kind within, in file order. */
  Collection<ScopeNode> children(ScopeKind childKind) {
    return children.getOrDefault(childKind, Map.of()).values();
  }

  @Nullable ScopeNode child(ScopeKind childKind, String childName) {
    return children.getOrDefault(childKind, Map.of()).get(childName);
  }

  /** Adds to {@code levels} the stanza of exactly that name, then the patterns that match it. */
  void match(ScopeKind childKind, String folded, List<ScopeNode> levels) {
    var exact = child(childKind, folded);
    if (exact != null && exact.pattern == null) {
      levels.add(exact);
    }
    for (var candidate : patterns.getOrDefault(childKind, List.of())) {
      if (candidate.pattern != null && candidate.pattern.matches(folded)) {
        levels.add(candidate);
      }
    }
  }

  ScopeKind kind() {
    return kind;
  }

  String name() {
    return name;
  }

  Position at() {
    return at;
  }

  /** From the outside inwards: {@code binding "b" > domain "example.com"}. */
  String path() {
    return path;
  }

  /** {@code in domain "x"}, or {@code at the top level}. */
  String where() {
    return kind == ScopeKind.GLOBAL ? "at " + kind.name() : "in " + path;
  }
}
