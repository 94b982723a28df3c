package org.flywheelmta.message;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.flywheelmta.base.Check;

/**
 * The encoding of octets in parameters of SMTP (RFC 3461 section 4): printable ASCII stands for
 * itself, but for {@code +} and {@code =}; everything else is {@code +} and two upper case
 * hexadecimal digits. And that of characters beyond ASCII, {@code \x{HEX}} (RFC 6533 section 3).
 */
public final class Xtext {
  private static final String HEX = "0123456789ABCDEF";
  private static final int FIRST = '!';
  private static final int LAST = '~';
  private static final int MOST_HEX_DIGITS = 6;

  private Xtext() {}

  /**
   * True of xtext whose octets are printable ASCII or white space, as those of an envelope id and
   * of an original recipient are (RFC 3461 sections 4.2 and 4.4).
   */
  public static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      int octet = text.charAt(i);
      if (octet == '+') {
        octet = hex(text, i + 1);
        i += 2;
        if (octet < ' ' && octet != '\t') {
          return false;
        }
      } else if (octet < FIRST || octet == '=') {
        return false;
      }
      if (octet > LAST) {
        return false;
      }
    }
    return true;
  }

  /** Two upper case hexadecimal digits; -1 where there are none. */
  private static int hex(String text, int at) {
    if (at + 2 > text.length()) {
      return -1;
    }
    int high = HEX.indexOf(text.charAt(at));
    int low = HEX.indexOf(text.charAt(at + 1));
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  /** What {@link #isPrintable printable} xtext stands for. */
  public static String decode(String text) {
    var decoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char octet = text.charAt(i);
      if (octet == '+') {
        int value = hex(text, i + 1);
        Check.that(value >= 0, "an xtext that was checked is none");
        octet = (char) value;
        i += 2;
      }
      decoded.append(octet);
    }
    return decoded.toString();
  }

  /** The octets of an ASCII text as xtext. */
  public static String encode(String ascii) {
    var encoded = new StringBuilder(ascii.length());
    for (int i = 0; i < ascii.length(); i++) {
      char octet = ascii.charAt(i);
      if (octet < FIRST || octet > LAST || octet == '+' || octet == '=') {
        encoded.append('+').append(HEX.charAt(octet >> 4 & 15)).append(HEX.charAt(octet & 15));
      } else {
        encoded.append(octet);
      }
    }
    return encoded.toString();
  }

  /**
   * True of an address as {@code utf-8-enc-addr} of RFC 6533 section 3.
   *
   * @param octets of the text, one in each character
   * @param beyondAscii whether characters beyond ASCII may stand for themselves
   */
  public static boolean isUtf8Address(String octets, boolean beyondAscii) {
    var bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
    var text = new String(bytes, StandardCharsets.UTF_8);
    if (text.isEmpty() || text.indexOf('\ufffd') >= 0) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (unit == '\\') {
        int end = escapeEnd(text, i);
        if (end < 0) {
          return false;
        }
        i = end;
      } else if (unit > LAST) {
        // Controls beyond ASCII, and the ends of lines of Unicode, are no text.
        if (!beyondAscii || unit < 0xa0 || unit == '\u2028' || unit == '\u2029') {
          return false;
        }
      } else if (unit < FIRST || unit == '+' || unit == '=') {
        return false;
      }
    }
    return true;
  }

  /** The index of the brace that ends {@code \x{HEX}}; -1 where there is no such thing. */
  private static int escapeEnd(String text, int at) {
    int end = text.startsWith("x{", at + 1) ? text.indexOf('}', at) : -1;
    int digits = end - at - 3;
    if (digits < 2 || digits > MOST_HEX_DIGITS) {
      return -1;
    }
    int character = 0;
    for (int i = at + 3; i < end; i++) {
      int digit = HEX.indexOf(text.charAt(i));
      if (digit < 0) {
        return -1;
      }
      character = character << 4 | digit;
    }
    boolean surrogate =
        character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    return character > Character.MAX_CODE_POINT || surrogate ? -1 : end;
  }

  /** An address as {@code utf-8-addr-xtext} (RFC 6533 section 3), which is ASCII. */
  public static String encodeUtf8Address(String address) {
    return escape(address, "+=\\");
  }

  /** A {@code utf-8-enc-addr} as {@code utf-8-addr-xtext}: what is escaped already stays so. */
  public static String escapeUtf8Address(String address) {
    return escape(address, "+=");
  }

  private static String escape(String address, String specials) {
    var escaped = new StringBuilder(address.length() + 16);
    address
        .codePoints()
        .forEach(
            character -> {
              boolean plain = character >= FIRST && character <= LAST;
              if (plain && specials.indexOf(character) < 0) {
                escaped.append((char) character);
              } else {
                var hex = Integer.toHexString(character).toUpperCase(Locale.ROOT);
                escaped.append("\\x{").append(hex.length() < 2 ? "0" : "").append(hex).append('}');
              }
            });
    return escaped.toString();
  }
}
