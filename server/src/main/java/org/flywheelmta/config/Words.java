package org.flywheelmta.config;

import java.util.Locale;

/** How words are compared, shown in errors and written back. */
final class Words {
  private Words() {}

  /** Lower case, the same in every locale. */
  static String fold(String word) {
    return word.toLowerCase(Locale.ROOT);
  }

  /** In double quotes, shortened when long, safe on a terminal. */
  static String shown(String word) {
    var cut = word.length() > Limits.SHOWN_WORD;
    var shown = new StringBuilder("\"");
    word.substring(0, cut ? Limits.SHOWN_WORD : word.length())
        .codePoints()
        .forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return shown.append(cut ? "...\"" : "\"").toString();
  }

  /** Whether a character ends a bare word. */
  static boolean delimits(char c) {
    return c <= ' ' || c == 0x7f || "#\"'={}[](),;".indexOf(c) >= 0;
  }

  /** As it would be written in a file: bare where that is possible, else quoted with escapes. */
  static String written(String word) {
    var bare = !word.isEmpty() && !word.contains("/*");
    for (int i = 0; i < word.length() && bare; i++) {
      var c = word.charAt(i);
      bare = !delimits(c) && c != '\\';
    }
    return bare ? word : quoted(word);
  }

  private static String quoted(String word) {
    var out = new StringBuilder(word.length() + 2).append('"');
    for (int i = 0; i < word.length(); i++) {
      var c = word.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
