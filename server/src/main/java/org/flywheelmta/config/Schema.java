package org.flywheelmta.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/** All options and stanzas that the rooms declared, and what they check beyond single values. */
@ReadOnlyThreadSafe
public final class Schema {
  private final Set<Option<?>> options;
  private final Set<ScopeKind> kinds;
  private final List<Function<Generation, List<ConfigError>>> checks;
  private final Map<ScopeKind, Map<String, Option<?>>> optionsByScope = new LinkedHashMap<>();
  private final Map<ScopeKind, Map<String, ScopeKind>> stanzasByScope = new LinkedHashMap<>();

  private Schema(Builder builder) {
    options = new LinkedHashSet<>(builder.options);
    kinds = new LinkedHashSet<>(builder.kinds);
    checks = List.copyOf(builder.checks);
    for (var kind : kinds) {
      optionsByScope.put(kind, new LinkedHashMap<>());
      stanzasByScope.put(kind, new LinkedHashMap<>());
    }
    options.forEach(this::index);
    for (var kind : kinds) {
      for (var parent : kind.parents()) {
        Check.that(kinds.contains(parent), "stanza " + kind + " stands in an unknown one");
        var twin = stanzasOf(parent).put(kind.name(), kind);
        Check.that(twin == null, "stanza " + kind + " is declared twice for " + parent);
      }
    }
  }

  private void index(Option<?> option) {
    Check.that(option.manual().endsWith("."), "option " + option + " has no manual text");
    var places = new HashSet<ScopeKind>();
    for (var kind : kinds) {
      for (var scope : option.scopes()) {
        if (kind.is(scope) && places.add(kind)) {
          var twin = optionsOf(kind).put(option.name(), option);
          Check.that(twin == null, "option " + option + " is declared twice for " + kind);
        }
      }
    }
    Check.that(!places.isEmpty(), "option " + option + " can be set nowhere");
  }

  private Map<String, ScopeKind> stanzasOf(ScopeKind kind) {
    return stanzasByScope.getOrDefault(kind, Map.of());
  }

  private Map<String, Option<?>> optionsOf(ScopeKind kind) {
    return optionsByScope.getOrDefault(kind, Map.of());
  }

  /** A schema to add to, with the stanzas that every configuration knows. */
  public static Builder builder() {
    return new Builder();
  }

  /** Every option, in the order declared. */
  public Collection<Option<?>> options() {
    return List.copyOf(options);
  }

  boolean declares(Option<?> option) {
    return options.contains(option);
  }

  @Nullable Option<?> option(String name, ScopeKind scope) {
    return optionsOf(scope).get(name);
  }

  Collection<String> optionNames(ScopeKind scope) {
    return optionsOf(scope).keySet();
  }

  Collection<String> optionNames() {
    return options.stream().map(Option::name).distinct().toList();
  }

  @Nullable ScopeKind stanza(String name, ScopeKind parent) {
    return stanzasOf(parent).get(name);
  }

  Collection<String> stanzaNames(ScopeKind parent) {
    return stanzasOf(parent).keySet();
  }

  /** Every stanza of that name, one for each declaration. */
  List<ScopeKind> stanzas(String name) {
    return kinds.stream().filter(k -> k.name().equals(name)).toList();
  }

  List<Option<?>> options(String name) {
    var named = new ArrayList<Option<?>>(options);
    named.removeIf(o -> !o.name().equals(name));
    return named;
  }

  /** Every stanza, the top level among them, in the order declared. */
  Collection<ScopeKind> kinds() {
    return List.copyOf(kinds);
  }

  /** Every place where an option may be set. */
  Collection<ScopeKind> places(Option<?> option) {
    return kinds.stream().filter(kind -> optionsOf(kind).containsValue(option)).toList();
  }

  List<ConfigError> check(Generation generation) {
    return checks.stream().flatMap(c -> c.apply(generation).stream()).toList();
  }

  /** Collects declarations. */
  @NonThreadSafe
  public static final class Builder {
    private final List<Option<?>> options = new ArrayList<>();
    private final List<ScopeKind> kinds =
        new ArrayList<>(
            List.of(
                ScopeKind.GLOBAL,
                ScopeKind.GROUP,
                ScopeKind.BINDING,
                ScopeKind.DOMAIN,
                ScopeKind.HOST));
    private final List<Function<Generation, List<ConfigError>>> checks = new ArrayList<>();

    private Builder() {}

    /** Adds options. */
    public Builder options(Option<?>... more) {
      options.addAll(List.of(more));
      return this;
    }

    /** Adds stanzas. */
    public Builder stanzas(ScopeKind... more) {
      kinds.addAll(List.of(more));
      return this;
    }

    /** Adds a listener with the stanzas in it. */
    public Builder listener(ListenerKind listener) {
      kinds.addAll(listener.scopes());
      return this;
    }

    /** Adds what no single value shows; it sees a generation that is otherwise good. */
    public Builder check(Function<Generation, List<ConfigError>> check) {
      checks.add(check);
      return this;
    }

    /** The schema; a declaration that cannot hold is a bug. */
    public Schema build() {
      Check.that(new HashSet<>(options).size() == options.size(), "an option is added twice");
      Check.that(new HashSet<>(kinds).size() == kinds.size(), "a stanza is added twice");
      return new Schema(this);
    }
  }
}
