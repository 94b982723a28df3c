package org.flywheelmta.config;

import java.util.regex.PatternSyntaxException;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/** What stands between the word that begins a stanza and its brace. */
@ReadOnlyThreadSafe
sealed interface StanzaName {
  /** The form in which names are compared; empty for none. */
  record Good(String name, @Nullable NamePattern pattern) implements StanzaName {}

  record Wrong(Position at, String why) implements StanzaName {}

  /** Judges the name of a stanza by what its kind asks for. */
  static StanzaName of(ScopeKind kind, Block block) {
    var instance = block.instance();
    var naming = kind.naming();
    if (instance == null) {
      return naming == ScopeKind.Naming.NONE || naming == ScopeKind.Naming.OPTIONAL
          ? new Good("", null)
          : new Wrong(
              block.name().at(),
              kind.name() + " needs a name: " + kind.name() + " \"...\" { ... }");
    }
    if (instance.text().isEmpty()) {
      return new Wrong(instance.at(), "the name of " + kind.name() + " is empty");
    }
    return switch (naming) {
      case NONE ->
          new Wrong(instance.at(), kind.name() + " has no name: write " + kind.name() + " { ... }");
      case OPTIONAL, NAME -> name(instance);
      case ADDRESS -> new Good(instance.text(), null);
      case NETWORK -> network(instance);
      case HOSTNAME -> instance.text().startsWith("/") ? pattern(instance) : hostname(instance);
    };
  }

  private static StanzaName hostname(Value.Text instance) {
    var hostname = Generation.hostname(instance.text());
    return hostname == null
        ? new Wrong(
            instance.at(), "the name " + instance.shown() + " is none that a domain can have")
        : new Good(hostname, null);
  }

  private static StanzaName name(Value.Text instance) {
    var good = instance.text().chars().noneMatch(c -> c <= ' ' || c == ':');
    return good
        ? new Good(instance.text(), null)
        : new Wrong(instance.at(), "the name " + instance.shown() + " has a blank or a colon");
  }

  private static StanzaName network(Value.Text instance) {
    return switch (Cidr.parse(instance)) {
      case Parsed.Good<Cidr>(var network) -> new Good(network.toString(), null);
      case Parsed.Bad<Cidr>(var at, var why) ->
          new Wrong(at, why + "; it takes " + Types.cidr().takes());
    };
  }

  private static StanzaName pattern(Value.Text instance) {
    var text = instance.text();
    if (text.length() < 3 || !text.endsWith("/")) {
      return new Wrong(
          instance.at(), "a pattern is written \"/.../\", such as \"/\\.example\\.org$/\"");
    }
    if (text.length() > Limits.PATTERN_LENGTH) {
      return new Wrong(
          instance.at(), "a pattern of more than " + Limits.PATTERN_LENGTH + " characters");
    }
    try {
      return new Good(text, NamePattern.compile(text.substring(1, text.length() - 1)));
    } catch (PatternSyntaxException e) {
      return new Wrong(
          instance.at(),
          "the pattern " + instance.shown() + " cannot be read: " + e.getDescription());
    }
  }
}
