package org.flywheelmta.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** Types made of another type. */
final class CompoundTypes {
  private CompoundTypes() {}

  /** {@code ( a, b )}; one value alone is a list of one. */
  @ReadOnlyThreadSafe
  record ListOf<E>(Type<E> element) implements Type<List<E>> {
    @Override
    public String name() {
      return "list of " + element.name();
    }

    @Override
    public String takes() {
      return "a list ( a, b ), each element " + element.takes();
    }

    @Override
    public String unit() {
      return element.unit();
    }

    @Override
    public Parsed<List<E>> parse(Value value) {
      var items = value instanceof Value.Items list ? list.items() : List.of(value);
      var elements = new ArrayList<E>(items.size());
      for (var item : items) {
        switch (element.parse(item)) {
          case Parsed.Good<E>(var good) -> elements.add(good);
          case Parsed.Bad<E>(var at, var why) -> {
            return new Parsed.Bad<>(at, why);
          }
        }
      }
      return new Parsed.Good<>(List.copyOf(elements));
    }

    @Override
    public String print(List<E> value) {
      return value.isEmpty()
          ? "( )"
          : value.stream().map(element::print).collect(Collectors.joining(", ", "( ", " )"));
    }
  }

  /** {@code [ k = v ]}, keys case-sensitive, in the order written. */
  @ReadOnlyThreadSafe
  record DictionaryOf<E>(Type<E> element) implements Type<Map<String, E>> {
    @Override
    public String name() {
      return "dictionary of " + element.name();
    }

    @Override
    public String takes() {
      return "a dictionary [ key = value ], each value " + element.takes();
    }

    @Override
    public String unit() {
      return element.unit();
    }

    @Override
    public Parsed<Map<String, E>> parse(Value value) {
      if (!(value instanceof Value.Pairs dictionary)) {
        return new Parsed.Bad<>(value.at(), value.noun() + " is given");
      }
      var entries = new LinkedHashMap<String, E>();
      for (var pair : dictionary.pairs()) {
        switch (element.parse(pair.value())) {
          case Parsed.Good<E>(var good) -> {
            if (entries.putIfAbsent(pair.key().text(), good) != null) {
              return new Parsed.Bad<>(pair.key().at(), pair.key().shown() + " is there twice");
            }
          }
          case Parsed.Bad<E>(var at, var why) -> {
            return new Parsed.Bad<>(at, why);
          }
        }
      }
      return new Parsed.Good<>(Collections.unmodifiableMap(entries));
    }

    @Override
    public String print(Map<String, E> value) {
      return value.isEmpty()
          ? "[ ]"
          : value.entrySet().stream()
              .map(e -> Words.written(e.getKey()) + " = " + element.print(e.getValue()))
              .collect(Collectors.joining(", ", "[ ", " ]"));
    }
  }

  /** A type whose option may be left unset, or unset again with an empty string. */
  @ReadOnlyThreadSafe
  record OptionalOf<E>(Type<E> element) implements Type<Optional<E>> {
    private static final String UNSET = "\"\"";

    @Override
    public String name() {
      return element.name();
    }

    @Override
    public String takes() {
      return element.takes() + ", or " + UNSET + " for none";
    }

    @Override
    public String unit() {
      return element.unit();
    }

    @Override
    public Parsed<Optional<E>> parse(Value value) {
      if (value instanceof Value.Text(var text, _) && text.isEmpty()) {
        return new Parsed.Good<>(Optional.empty());
      }
      return switch (element.parse(value)) {
        case Parsed.Good<E>(var good) -> new Parsed.Good<>(Optional.of(good));
        case Parsed.Bad<E>(var at, var why) -> new Parsed.Bad<>(at, why);
      };
    }

    @Override
    public String print(Optional<E> value) {
      return value.map(element::print).orElse(UNSET);
    }
  }
}
