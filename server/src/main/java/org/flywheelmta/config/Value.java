package org.flywheelmta.config;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** The value of an option as it was written, before its type has been asked. */
@ReadOnlyThreadSafe
public sealed interface Value {
  /** Where it begins. */
  Position at();

  /** What it is, for a sentence. */
  String noun();

  /** One word or quoted string, its escapes resolved. */
  record Text(String text, Position at) implements Value {
    @Override
    public String noun() {
      return "a single value";
    }

    /** The text in quotes, shortened when long, for an error. */
    public String shown() {
      return Words.shown(text);
    }
  }

  /** {@code ( a, b )}. */
  record Items(List<Value> items, Position at) implements Value {
    @Override
    public String noun() {
      return "a list";
    }
  }

  /** {@code [ k = v ]}, in the order written. */
  record Pairs(List<Pair> pairs, Position at) implements Value {
    @Override
    public String noun() {
      return "a dictionary";
    }
  }

  /** One entry of a dictionary. */
  record Pair(Text key, Value value) {}
}
