package org.flywheelmta.config;

import java.util.function.Function;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** A type whose values are one word or string. */
@ReadOnlyThreadSafe
record ScalarType<T>(
    String name,
    String takes,
    String unit,
    Function<Value.Text, Parsed<T>> reader,
    Function<T, String> printer)
    implements Type<T> {
  @Override
  public Parsed<T> parse(Value value) {
    return value instanceof Value.Text text
        ? reader.apply(text)
        : new Parsed.Bad<>(value.at(), value.noun() + " is given");
  }

  @Override
  public String print(T value) {
    return printer.apply(value);
  }
}
