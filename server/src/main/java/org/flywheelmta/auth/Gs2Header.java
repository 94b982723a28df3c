package org.flywheelmta.auth;

import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * What the first message of a client begins with in SCRAM and OAUTHBEARER (RFC 5801 section 4).
 *
 * @param flag what the client says of channel bindings
 * @param binding the type of the binding that it uses; empty with none
 * @param authorization as whom it wants to act; empty where it does not say
 * @param end where the header ends, behind its second comma
 */
@ReadOnlyThreadSafe
record Gs2Header(Flag flag, String binding, String authorization, int end) {
  /** What a client says of channel bindings. */
  enum Flag {
    /** It cannot bind. */
    UNABLE,
    /** It could, and was not offered to. */
    NOT_OFFERED,
    /** It does. */
    BOUND
  }

  /** The header of a message; null where there is none. */
  static @Nullable Gs2Header parse(String message) {
    int first = message.indexOf(',');
    int second = message.indexOf(',', first + 1);
    if (first < 0 || second < 0) {
      return null;
    }
    var flag = message.substring(0, first);
    var binding = flag.startsWith("p=") ? flag.substring(2) : "";
    boolean bound = isBindingName(binding);
    if (!bound && !flag.equals("n") && !flag.equals("y")) {
      return null;
    }
    var authorization = "";
    if (second > first + 1) {
      var name =
          message.startsWith("a=", first + 1) ? name(message.substring(first + 3, second)) : null;
      if (name == null) {
        return null;
      }
      authorization = name;
    }
    var meaning = flag.equals("n") ? Flag.UNABLE : bound ? Flag.BOUND : Flag.NOT_OFFERED;
    return new Gs2Header(meaning, binding, authorization, second + 1);
  }

  private static boolean isBindingName(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean good =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '-';
      if (!good) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** A name in which comma and equals sign are written otherwise; null where it is none. */
  static @Nullable String name(String written) {
    var name = new StringBuilder(written.length());
    for (int i = 0; i < written.length(); i++) {
      char c = written.charAt(i);
      if (c == '\0' || c == ',') {
        return null;
      }
      if (c != '=') {
        name.append(c);
      } else if (written.startsWith("=2C", i)) {
        name.append(',');
        i += 2;
      } else if (written.startsWith("=3D", i)) {
        name.append('=');
        i += 2;
      } else {
        return null;
      }
    }
    return name.isEmpty() ? null : name.toString();
  }

  /** A name as a header or a SCRAM message writes it. */
  static String written(String name) {
    return name.replace("=", "=3D").replace(",", "=2C");
  }
}
