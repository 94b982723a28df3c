package org.flywheelmta.auth;

/** Attributes of SCRAM messages: a letter, an equals sign, a value, with commas between them. */
final class ScramText {
  private ScramText() {}

  /** Where the attribute that begins at {@code from} ends. */
  static int end(String message, int from) {
    int comma = message.indexOf(',', from);
    return comma < 0 ? message.length() : comma;
  }

  /** Whether from {@code at} on there are extensions and nothing else; they are not looked at. */
  static boolean areExtensions(String message, int at) {
    int from = at;
    while (from < message.length()) {
      int end = end(message, from + 1);
      boolean good =
          message.charAt(from) == ','
              && end > from + 3
              && isLetter(message.charAt(from + 1))
              && message.charAt(from + 2) == '=';
      if (!good) {
        return false;
      }
      from = end;
    }
    return true;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
