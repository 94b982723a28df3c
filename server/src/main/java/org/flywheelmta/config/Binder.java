package org.flywheelmta.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/** Holds what was written against the schema, and fills scopes with typed settings. */
@NonThreadSafe
final class Binder {
  private final Schema schema;
  private final Errors errors;
  private final ScopeNode root;

  /** A binding belongs to one group at most. */
  private final Map<String, ScopeNode> groupedBindings = new HashMap<>();

  Binder(Schema schema, Errors errors, Position start) {
    this.schema = schema;
    this.errors = errors;
    this.root = new ScopeNode(start);
  }

  /** All that was bound; good if there are no errors. */
  ScopeNode root() {
    return root;
  }

  void bind(Block all) {
    fill(root, all);
  }

  /** Sets an option at the top level, whatever the files say. */
  void override(Entry.Assignment assignment) {
    assign(root, assignment);
  }

  private void fill(ScopeNode scope, Block block) {
    for (var entry : block.entries()) {
      if (errors.full()) {
        return;
      }
      switch (entry) {
        case Entry.Assignment assignment -> assign(scope, assignment);
        case Block inner -> {
          var node = open(scope, inner);
          if (node != null) {
            fill(node, inner);
          }
        }
      }
    }
  }

  private void assign(ScopeNode scope, Entry.Assignment assignment) {
    var key = assignment.key();
    var option = schema.option(Words.fold(key.text()), scope.kind());
    if (option == null) {
      errors.add(key.at(), unknownOption(key, scope));
      return;
    }
    switch (option.type().parse(assignment.value())) {
      case Parsed.Bad<?>(var at, var why) ->
          errors.add(at, option.name() + ": " + why + "; it takes " + option.type().takes());
      case Parsed.Good<?>(var value) -> {
        var before = scope.set(option, new Setting(value, key.at()));
        if (before != null && before.at().sameFile(key.at())) {
          errors.warn(key.at(), option.name() + " is set before, at " + before.at());
        }
      }
    }
  }

  private String unknownOption(Value.Text key, ScopeNode scope) {
    var name = Words.fold(key.text());
    if (schema.stanza(name, scope.kind()) != null) {
      return key.shown() + " is a stanza: write " + name + " { ... }";
    }
    var elsewhere = schema.options(name);
    if (!elsewhere.isEmpty()) {
      return "option "
          + key.shown()
          + " cannot be set "
          + scope.where()
          + "; it belongs in "
          + scopes(elsewhere);
    }
    var unknown = "unknown option " + key.shown() + " " + scope.where();
    var here = Suggestion.of(name, schema.optionNames(scope.kind()));
    if (!here.isEmpty()) {
      return unknown + "; did you mean \"" + here + "\"?";
    }
    var there = Suggestion.of(name, schema.optionNames());
    return there.isEmpty()
        ? unknown
        : unknown
            + "; did you mean \""
            + there
            + "\", which belongs in "
            + scopes(schema.options(there))
            + "?";
  }

  private static String scopes(List<Option<?>> options) {
    return options.stream()
        .flatMap(o -> o.scopes().stream())
        .map(ScopeKind::toString)
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** The scope that a stanza adds to, made if it is new; null, with an error, if it is wrong. */
  private @Nullable ScopeNode open(ScopeNode outer, Block block) {
    var kind = schema.stanza(Words.fold(block.name().text()), outer.kind());
    if (kind == null) {
      errors.add(block.name().at(), unknownStanza(block.name(), outer));
      return null;
    }
    var named = StanzaName.of(kind, block);
    if (named instanceof StanzaName.Wrong(var at, var why)) {
      errors.add(at, why);
      return null;
    }
    var name = ((StanzaName.Good) named).name();
    var known = outer.child(kind, name);
    if (known != null) {
      return known;
    }
    var twin = outer.kind() == ScopeKind.GROUP ? groupedBindings.get(name) : null;
    if (kind == ScopeKind.BINDING && twin != null) {
      errors.add(
          block.name().at(),
          "this binding is already in a group: " + twin.path() + ", at " + twin.at());
      return null;
    }
    var node = outer.add(kind, name, block.name().at(), ((StanzaName.Good) named).pattern());
    if (kind == ScopeKind.BINDING && outer.kind() == ScopeKind.GROUP) {
      groupedBindings.put(name, node);
    }
    return node;
  }

  private String unknownStanza(Value.Text word, ScopeNode outer) {
    var name = Words.fold(word.text());
    if (schema.option(name, outer.kind()) != null) {
      return word.shown() + " is an option: write " + name + " = value";
    }
    var elsewhere = schema.stanzas(name);
    if (!elsewhere.isEmpty()) {
      return "stanza "
          + word.shown()
          + " cannot stand "
          + outer.where()
          + "; it belongs in "
          + elsewhere.stream()
              .flatMap(k -> k.parents().stream())
              .map(ScopeKind::toString)
              .distinct()
              .collect(Collectors.joining(", "));
    }
    var near = Suggestion.of(name, schema.stanzaNames(outer.kind()));
    var unknown = "unknown stanza " + word.shown() + " " + outer.where();
    return near.isEmpty() ? unknown : unknown + "; did you mean \"" + near + "\"?";
  }
}
