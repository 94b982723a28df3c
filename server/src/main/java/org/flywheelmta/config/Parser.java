package org.flywheelmta.config;

import java.util.ArrayList;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.config.Lexer.Kind;
import org.flywheelmta.config.Lexer.Token;
import org.jspecify.annotations.Nullable;

/**
 * Makes a tree of blocks of one source, by recursive descent. After an error it reads on at the
 * next line that begins with a word, so that one load reports several errors.
 */
@NonThreadSafe
final class Parser {
  private static final ConfigFiles.Result NO_FILES =
      new ConfigFiles.Result.Unreadable("a value includes nothing");

  private final Source source;
  private final Includes includes;
  private final Errors errors;
  private final Lexer lexer;
  private Token token;
  private int lastLine;
  private boolean sawUnclosed;

  Parser(Source source, Includes includes, Errors errors) {
    this.source = source;
    this.includes = includes;
    this.errors = errors;
    this.lexer = new Lexer(source, errors);
    this.token = lexer.next();
  }

  /** Reads all of the source into {@code block}, which lies {@code depth} stanzas deep. */
  void parse(Block block, int depth) {
    statements(block, depth);
    while (token.kind() != Kind.END) {
      errors.add(token.at(), "this \"}\" closes nothing");
      take();
      statements(block, depth);
    }
  }

  /** The only assignment in the source; null, with an error, when there is none or more. */
  Entry.@Nullable Assignment onlyAssignment() {
    var key = token;
    if (!takeIf(Kind.WORD) || !takeIf(Kind.EQUALS)) {
      errors.add(key.at(), "what is set is written key=value");
      return null;
    }
    var value = onlyValue();
    return value == null ? null : new Entry.Assignment(text(key), value);
  }

  private @Nullable Value onlyValue() {
    var value = value(0);
    if (value != null && token.kind() != Kind.END) {
      errors.add(
          token.at(), token.shown() + " comes after the value; a text with blanks needs quotes");
      return null;
    }
    return value;
  }

  /** A value that stands alone, as {@link Type#print} gives it; null when it is none. */
  static @Nullable Value value(String text) {
    var errors = new Errors();
    var source = new Source("value", text, 0);
    var value = new Parser(source, new Includes((_, _) -> NO_FILES, errors), errors).onlyValue();
    return errors.count() == 0 ? value : null;
  }

  long steps() {
    return lexer.steps();
  }

  private Token take() {
    var taken = token;
    lastLine = taken.line();
    token = lexer.next();
    return taken;
  }

  private boolean takeIf(Kind kind) {
    if (token.kind() != kind) {
      return false;
    }
    take();
    return true;
  }

  private boolean takeText() {
    return takeIf(Kind.WORD) || takeIf(Kind.STRING);
  }

  /** Up to the end or a brace that closes. */
  private void statements(Block block, int depth) {
    while (token.kind() != Kind.END && token.kind() != Kind.CLOSE_BRACE) {
      if (token.kind() != Kind.WORD) {
        var hint = token.kind() == Kind.COMMA ? "; a list is written ( a, b )" : "";
        errors.add(
            token.at(), "an option or a stanza is expected here, not " + token.shown() + hint);
        skipToStatement();
      } else if (!statement(block, depth)) {
        skipToStatement();
      }
    }
  }

  /** Steps over the rest of a broken statement, and over the blocks that begin in it. */
  private void skipToStatement() {
    var depth = 0;
    while (token.kind() != Kind.END) {
      var begins = token.kind() == Kind.WORD && token.line() > lastLine;
      if (depth == 0 && (begins || token.kind() == Kind.CLOSE_BRACE)) {
        return;
      }
      switch (take().kind()) {
        case OPEN_BRACE -> depth++;
        case CLOSE_BRACE -> depth--;
        default -> {}
      }
    }
  }

  /** Whether it could be read to its end. */
  private boolean statement(Block block, int depth) {
    var first = take();
    var name = text(first);
    if (takeIf(Kind.EQUALS)) {
      return assignment(name, first.line(), block);
    }
    if (token.kind() == Kind.OPEN_BRACE) {
      return stanza(new Block(name, null), block, depth);
    }
    if (!token.isText() || token.line() > first.line()) {
      errors.add(
          name.at(),
          name.shown() + " needs \"= value\" or, if it is a stanza, \"{ ... }\" after it");
      return token.line() > first.line();
    }
    if (isInclude(name)) {
      var path = text(take());
      includes.include(
          path, source.name(), s -> new Parser(s, includes, errors).parse(block, depth));
      return true;
    }
    var second = token;
    var instance = text(take());
    if (token.kind() == Kind.OPEN_BRACE) {
      return stanza(new Block(name, instance), block, depth);
    }
    errors.add(
        second.at(),
        name.shown() + " needs \"=\" before " + second.shown() + ", or \"{ ... }\" after it");
    return false;
  }

  private static boolean isInclude(Value.Text name) {
    var word = Words.fold(name.text());
    return word.equals("include") || word.equals("readonly_include");
  }

  private static Value.Text text(Token token) {
    return new Value.Text(token.text(), token.at());
  }

  private boolean assignment(Value.Text name, int line, Block block) {
    var written = token;
    var value = value(0);
    if (value == null) {
      return false;
    }
    var swallowedKey = token.kind() == Kind.EQUALS || token.kind() == Kind.OPEN_BRACE;
    if (swallowedKey && written.kind() == Kind.WORD && written.line() > line) {
      errors.add(name.at(), name.shown() + " has no value after \"=\"");
      return false;
    }
    block.entries().add(new Entry.Assignment(name, value));
    return true;
  }

  private boolean stanza(Block inner, Block outer, int depth) {
    if (depth >= Limits.NESTING) {
      errors.add(inner.name().at(), "more than " + Limits.NESTING + " stanzas within stanzas");
      return false;
    }
    take();
    statements(inner, depth + 1);
    outer.entries().add(inner);
    if (!takeIf(Kind.CLOSE_BRACE) && !sawUnclosed) {
      sawUnclosed = true;
      errors.add(
          inner.name().at(),
          "stanza " + inner.name().shown() + " is never closed: \"}\" is missing");
    }
    return true;
  }

  private @Nullable Value value(int depth) {
    if (depth > Limits.NESTING) {
      errors.add(token.at(), "more than " + Limits.NESTING + " lists within lists");
      return null;
    }
    return switch (token.kind()) {
      case WORD, STRING -> text(take());
      case OPEN_LIST -> list(depth);
      case OPEN_DICTIONARY -> dictionary(depth);
      default -> {
        errors.add(token.at(), "a value is expected here, not " + token.shown());
        yield null;
      }
    };
  }

  private @Nullable Value list(int depth) {
    var open = take();
    var items = new ArrayList<Value>();
    while (!takeIf(Kind.CLOSE_LIST)) {
      if (ends(token.kind()) || token.kind() == Kind.CLOSE_DICTIONARY) {
        return unclosed(open, ")");
      }
      var item = value(depth + 1);
      if (item == null) {
        return null;
      }
      items.add(item);
      takeIf(Kind.COMMA);
    }
    return new Value.Items(items, open.at());
  }

  private @Nullable Value dictionary(int depth) {
    var open = take();
    var pairs = new ArrayList<Value.Pair>();
    while (!takeIf(Kind.CLOSE_DICTIONARY)) {
      if (ends(token.kind())) {
        return unclosed(open, "]");
      }
      var key = token;
      if (!takeText() || !takeIf(Kind.EQUALS)) {
        errors.add(
            key.at(), "a dictionary is written [ key = value ]; a text with brackets needs quotes");
        return null;
      }
      var value = value(depth + 1);
      if (value == null) {
        return null;
      }
      pairs.add(new Value.Pair(text(key), value));
      takeIf(Kind.COMMA);
    }
    return new Value.Pairs(pairs, open.at());
  }

  private static boolean ends(Kind kind) {
    return switch (kind) {
      case END, EQUALS, OPEN_BRACE, CLOSE_BRACE -> true;
      default -> false;
    };
  }

  private @Nullable Value unclosed(Token open, String missing) {
    errors.add(
        open.at(),
        open.shown()
            + " is not closed before "
            + token.shown()
            + ": \""
            + missing
            + "\" is missing");
    return null;
  }
}
