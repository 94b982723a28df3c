package org.flywheelmta.event;

/** Texts from anywhere, made fit for UTF-8. */
final class WellFormed {
  private static final char REPLACEMENT = '\ufffd';

  private WellFormed() {}

  /** The text, with each surrogate that has no partner replaced; the same object if it has none. */
  static String text(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!pairAt(text, i)) {
          return replaced(text);
        }
        i++;
      }
    }
    return text;
  }

  /** True when the two characters at {@code i} are one code point beyond the first 65,536. */
  static boolean pairAt(CharSequence text, int i) {
    return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
  }

  private static String replaced(String text) {
    var good = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (!Character.isSurrogate(character)) {
        good.append(character);
      } else if (pairAt(text, i)) {
        good.append(character).append(text.charAt(++i));
      } else {
        good.append(REPLACEMENT);
      }
    }
    return good.toString();
  }
}
