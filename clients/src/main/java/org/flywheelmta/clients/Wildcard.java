package org.flywheelmta.clients;

import java.util.Locale;

/** A pattern for addresses, in any case, in which a star stands for any number of characters. */
record Wildcard(String text) {
  Wildcard {
    text = text.toLowerCase(Locale.ROOT);
  }

  /** Whether all of {@code address} is what the pattern says. */
  boolean matches(String address) {
    var name = address.toLowerCase(Locale.ROOT);
    int at = 0;
    int in = 0;
    int star = -1;
    int resume = 0;
    while (in < name.length()) {
      if (at < text.length() && text.charAt(at) == '*') {
        star = at++;
        resume = in;
      } else if (at < text.length() && text.charAt(at) == name.charAt(in)) {
        at++;
        in++;
      } else if (star >= 0) {
        // The last star takes one character more.
        at = star + 1;
        in = ++resume;
      } else {
        return false;
      }
    }
    while (at < text.length() && text.charAt(at) == '*') {
      at++;
    }
    return at == text.length();
  }
}
