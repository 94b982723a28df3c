package org.flywheelmta.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The manual, made of the declarations. */
public final class Manual {
  private Manual() {}

  /**
   * What there is to say of an option.
   *
   * @param takes what may be written, with an example
   * @param unit what a bare number counts; empty where numbers count nothing
   * @param byDefault as it would be written
   * @param scopes every place where it may be set
   * @param online whether a change needs no restart
   * @param text one sentence or more
   */
  public record OptionPage(
      String name,
      String type,
      String takes,
      String unit,
      String byDefault,
      List<String> scopes,
      boolean online,
      String text) {
    private static <T> OptionPage of(Schema schema, Option<T> option) {
      var type = option.type();
      return new OptionPage(
          option.name(),
          type.name(),
          type.takes(),
          type.unit(),
          type.print(option.byDefault()),
          schema.places(option).stream().map(ScopeKind::toString).toList(),
          option.isOnline(),
          option.manual());
    }

    private String print() {
      return name
          + "\n  type     "
          + type
          + "\n  takes    "
          + takes
          + (unit.isEmpty() ? "" : "\n  unit     " + unit + ", for a bare number")
          + "\n  default  "
          + byDefault
          + "\n  scopes   "
          + String.join(", ", scopes)
          + "\n  change   "
          + (online ? "at once" : "with a restart")
          + "\n\n  "
          + text;
    }
  }

  /**
   * What there is to say of a scope: a stanza, or the top level.
   *
   * @param name as it is asked for
   * @param title with the stanza that it stands in, where several have that name
   * @param parents where it stands; none for the top level
   * @param options that may be set in it
   * @param stanzas that may stand in it
   */
  public record ScopePage(
      String name, String title, List<String> parents, List<String> options, List<String> stanzas) {
    private static ScopePage of(Schema schema, ScopeKind kind) {
      return new ScopePage(
          kind == ScopeKind.GLOBAL ? "global" : kind.name(),
          kind.toString(),
          kind.parents().stream().map(ScopeKind::toString).toList(),
          List.copyOf(schema.optionNames(kind)),
          List.copyOf(schema.stanzaNames(kind)));
    }

    private String print() {
      return title
          + (parents.isEmpty() ? "" : "\n  stanza   in " + String.join(", ", parents))
          + "\n  options  "
          + String.join(", ", options)
          + "\n  stanzas  "
          + String.join(", ", stanzas);
    }
  }

  /** A page for each option, in the order declared; one name may have several. */
  public static List<OptionPage> options(Schema schema) {
    var pages = new ArrayList<OptionPage>();
    schema.options().forEach(option -> pages.add(OptionPage.of(schema, option)));
    return pages;
  }

  /** A page for each scope, in the order declared; the top level's name is {@code global}. */
  public static List<ScopePage> scopes(Schema schema) {
    return schema.kinds().stream().map(kind -> ScopePage.of(schema, kind)).toList();
  }

  /** Every name that there is a page for. */
  public static List<String> names(Schema schema) {
    return Stream.concat(
            options(schema).stream().map(OptionPage::name),
            scopes(schema).stream().map(ScopePage::name))
        .distinct()
        .toList();
  }

  /** The text on every option and scope of that name, in any case; empty when there is none. */
  public static Optional<String> of(Schema schema, String name) {
    var folded = Words.fold(name);
    var text =
        Stream.concat(
                options(schema).stream()
                    .filter(page -> page.name().equals(folded))
                    .map(OptionPage::print),
                scopes(schema).stream()
                    .filter(page -> page.name().equals(folded))
                    .map(ScopePage::print))
            .collect(Collectors.joining("\n\n"));
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }
}
