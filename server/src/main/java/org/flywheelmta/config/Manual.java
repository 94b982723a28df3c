package org.flywheelmta.config;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The manual, made of the declarations. */
public final class Manual {
  private Manual() {}

  /** The text on every option of that name, or on the stanza; empty when there is neither. */
  public static Optional<String> of(Schema schema, String name) {
    var folded = Words.fold(name);
    var text =
        Stream.concat(
                schema.options(folded).stream().map(Manual::option),
                schema.stanzas(folded).stream().map(k -> stanza(schema, k)))
            .collect(Collectors.joining("\n\n"));
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static <T> String option(Option<T> option) {
    var type = option.type();
    var unit = type.unit().isEmpty() ? "" : "\n  unit     " + type.unit() + ", for a bare number";
    return option.name()
        + "\n  type     "
        + type.name()
        + "\n  takes    "
        + type.takes()
        + unit
        + "\n  default  "
        + type.print(option.byDefault())
        + "\n  scopes   "
        + names(option.scopes().stream())
        + "\n  change   "
        + (option.isOnline() ? "at once" : "with a restart")
        + "\n\n  "
        + option.manual();
  }

  private static String stanza(Schema schema, ScopeKind kind) {
    return kind.name()
        + "\n  stanza   in "
        + names(kind.parents().stream())
        + "\n  options  "
        + String.join(", ", schema.optionNames(kind))
        + "\n  stanzas  "
        + String.join(", ", schema.stanzaNames(kind));
  }

  private static String names(Stream<ScopeKind> kinds) {
    return kinds.map(ScopeKind::toString).collect(Collectors.joining(", "));
  }
}
