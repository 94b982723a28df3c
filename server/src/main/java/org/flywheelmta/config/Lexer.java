package org.flywheelmta.config;

import org.flywheelmta.base.NonThreadSafe;

/**
 * Cuts a source into tokens, looking at each character a bounded number of times. What it cannot
 * read it reports and steps over, so the parser sees good tokens alone.
 */
@NonThreadSafe
final class Lexer {
  enum Kind {
    WORD,
    STRING,
    EQUALS,
    COMMA,
    OPEN_BRACE,
    CLOSE_BRACE,
    OPEN_LIST,
    CLOSE_LIST,
    OPEN_DICTIONARY,
    CLOSE_DICTIONARY,
    END
  }

  /**
   * One token.
   *
   * @param text of a word or string, escapes resolved; of others, what was written
   * @param line counted from 1
   */
  record Token(Kind kind, String text, Position at, int line) {
    boolean isText() {
      return kind == Kind.WORD || kind == Kind.STRING;
    }

    /** For a sentence. */
    String shown() {
      return kind == Kind.END ? "the end" : Words.shown(text);
    }
  }

  private final Source source;
  private final String text;
  private final Errors errors;
  private int offset;
  private int line = 1;
  private long steps;

  Lexer(Source source, Errors errors) {
    this.source = source;
    this.text = source.text();
    this.errors = errors;
  }

  /** How many characters were looked at; grows in proportion to the text. */
  long steps() {
    return steps;
  }

  /** The next token; {@code END} for ever at the end, or once no more errors are taken. */
  Token next() {
    while (!errors.full()) {
      skipBlanks();
      if (offset >= text.length()) {
        break;
      }
      var c = text.charAt(offset);
      var kind = punctuation(c);
      if (kind != Kind.END) {
        step();
        return new Token(kind, String.valueOf(c), source.at(offset - 1), line);
      }
      if (c == '"' || c == '\'') {
        return string(c);
      }
      if (!Words.delimits(c)) {
        return word();
      }
      unexpected(c);
    }
    return new Token(Kind.END, "", source.at(text.length()), line);
  }

  private static Kind punctuation(char c) {
    return switch (c) {
      case '=' -> Kind.EQUALS;
      case ',' -> Kind.COMMA;
      case '{' -> Kind.OPEN_BRACE;
      case '}' -> Kind.CLOSE_BRACE;
      case '(' -> Kind.OPEN_LIST;
      case ')' -> Kind.CLOSE_LIST;
      case '[' -> Kind.OPEN_DICTIONARY;
      case ']' -> Kind.CLOSE_DICTIONARY;
      default -> Kind.END;
    };
  }

  private void step() {
    if (text.charAt(offset) == '\n') {
      line++;
    }
    offset++;
    steps++;
  }

  private boolean startsComment() {
    return text.startsWith("/*", offset);
  }

  private void skipBlanks() {
    while (offset < text.length()) {
      var c = text.charAt(offset);
      if (c == '#') {
        while (offset < text.length() && text.charAt(offset) != '\n') {
          step();
        }
      } else if (startsComment()) {
        skipComment();
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        step();
      } else {
        return;
      }
    }
  }

  private void skipComment() {
    var start = offset;
    step();
    step();
    while (!text.startsWith("*/", offset)) {
      if (offset >= text.length()) {
        errors.add(source.at(start), "this comment is never closed: \"*/\" is missing");
        return;
      }
      step();
    }
    step();
    step();
  }

  private Token word() {
    var start = offset;
    while (offset < text.length() && !Words.delimits(text.charAt(offset)) && !startsComment()) {
      step();
    }
    return new Token(Kind.WORD, text.substring(start, offset), source.at(start), line);
  }

  /** A string ends on its own line, so that a forgotten quote costs one line. */
  private Token string(char quote) {
    var start = offset;
    var out = new StringBuilder();
    step();
    while (true) {
      var c = offset < text.length() ? text.charAt(offset) : '\n';
      if (c == '\n' || c == '\r') {
        errors.add(
            source.at(start), "this string is not closed on its line: " + quote + " is missing");
        break;
      }
      if (c != '\t' && (c < ' ' || c == 0x7f)) {
        unexpected(c);
        continue;
      }
      step();
      if (c == quote) {
        break;
      }
      out.append(c == '\\' ? escape() : String.valueOf(c));
    }
    return new Token(Kind.STRING, out.toString(), source.at(start), line);
  }

  /** An unknown escape stands for itself, so that patterns need no second backslash. */
  private String escape() {
    var c = offset < text.length() ? text.charAt(offset) : '\n';
    var meaning =
        switch (c) {
          case '\\', '"', '\'' -> String.valueOf(c);
          case 'n' -> "\n";
          case 'r' -> "\r";
          case 't' -> "\t";
          default -> "";
        };
    if (meaning.isEmpty()) {
      return "\\";
    }
    step();
    return meaning;
  }

  /** Reports a run of equal characters once. */
  private void unexpected(char c) {
    errors.add(
        source.at(offset),
        c == ';'
            ? "\";\" has no meaning here: a value ends at white space, or needs quotes"
            : "a control character, code " + (int) c);
    while (offset < text.length() && text.charAt(offset) == c) {
      step();
    }
  }
}
