package org.flywheelmta.main;

/** Text from the network, made safe for a terminal. */
final class Printable {
  private Printable() {}

  /** The text with everything but printable ASCII replaced by a question mark. */
  static String of(String text) {
    var printable = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      printable.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return printable.toString();
  }
}
