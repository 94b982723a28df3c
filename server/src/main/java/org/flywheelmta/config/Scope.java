package org.flywheelmta.config;

import java.util.Collection;
import java.util.Optional;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * Where options are looked up: the stanzas that apply to a thing, most specific first. A look-up
 * asks each of them, one hash look-up a stanza, and there are rarely more than three.
 */
@ReadOnlyThreadSafe
public final class Scope {
  private final Schema schema;
  private final ScopeNode[] levels;

  Scope(Schema schema, Collection<ScopeNode> levels) {
    this.schema = schema;
    this.levels = levels.stream().filter(n -> !n.setsNothing()).toArray(ScopeNode[]::new);
  }

  /** The value of an option here: the most specific one set, else its default. */
  public <T> T get(Option<T> option) {
    for (var level : levels) {
      var setting = level.setting(option);
      if (setting != null) {
        return option.valueOf(setting);
      }
    }
    Check.that(schema.declares(option), "an option that the schema does not know");
    return option.byDefault();
  }

  /** The same, with where it comes from. */
  public <T> Found<T> find(Option<T> option) {
    for (var level : levels) {
      var setting = level.setting(option);
      if (setting != null) {
        return new Found<>(option.valueOf(setting), level.path(), Optional.of(setting.at()));
      }
    }
    return new Found<>(get(option), "default", Optional.empty());
  }
}
