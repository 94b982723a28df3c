package org.flywheelmta.main;

/** Text from the network, made safe for a terminal. */
final class Printable {
  private Printable() {}

  /**
   * The text with everything replaced by a question mark that could do more than stand there:
   * controls, line ends of Unicode, marks that turn the direction of writing, and what is no
   * character.
   */
  static String of(String text) {
    var printable = new StringBuilder(text.length());
    text.codePoints().forEach(c -> printable.appendCodePoint(isPlain(c) ? c : '?'));
    return printable.toString();
  }

  private static boolean isPlain(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
