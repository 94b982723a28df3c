package org.flywheelmta.auth;

import com.ibm.icu.text.StringPrep;
import com.ibm.icu.text.StringPrepParseException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The texts of SASL: octets to characters and back, exactly, and SASLprep. */
public final class SaslText {
  /** The most octets of a name, in UTF-8 (RFC 4616 section 2). */
  public static final int MOST_NAME_OCTETS = 255;

  /** The most octets of a password, in UTF-8. */
  public static final int MOST_PASSWORD_OCTETS = 1_024;

  /** The most octets of one message of a client, decoded: those of a large token. */
  public static final int MOST_MESSAGE_OCTETS = 12_288;

  private SaslText() {}

  /** ICU's tables are read with the first text beyond ASCII. */
  private static final class Profile {
    static final StringPrep SASLPREP = StringPrep.getInstance(StringPrep.RFC4013_SASLPREP);
  }

  /**
   * A name or password as it is hashed and compared (RFC 4013); null where it holds what neither
   * may hold, or nothing. Code points that Unicode 3.2 did not know stay as they are.
   */
  public static @Nullable String prepared(String text) {
    if (text.isEmpty()) {
      return null;
    }
    boolean plain = true;
    for (int i = 0; i < text.length() && plain; i++) {
      plain = text.charAt(i) >= ' ' && text.charAt(i) < 0x7f;
    }
    if (plain) {
      return text;
    }
    try {
      var prepared = Profile.SASLPREP.prepare(text, StringPrep.ALLOW_UNASSIGNED);
      return prepared.isEmpty() ? null : prepared;
    } catch (StringPrepParseException prohibited) {
      return null;
    }
  }

  /** A prepared name of bounded length; null where it is none. */
  public static @Nullable String name(String text) {
    return bounded(text, MOST_NAME_OCTETS);
  }

  /** A prepared password of bounded length; null where it is none. */
  public static @Nullable String password(String text) {
    return bounded(text, MOST_PASSWORD_OCTETS);
  }

  private static @Nullable String bounded(String text, int octets) {
    if (text.length() > octets) {
      return null;
    }
    var prepared = prepared(text);
    return prepared != null && octets(prepared).length <= octets ? prepared : null;
  }

  static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Octets as characters; null where they are no UTF-8. */
  static @Nullable String utf8(byte[] octets, int from, int to) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(octets, from, to - from))
          .toString();
    } catch (CharacterCodingException malformed) {
      return null;
    }
  }

  /** Base64 with its padding (RFC 4648 section 4) as octets; null where it is none. */
  public static byte @Nullable [] base64(String text) {
    if (text.length() % 4 != 0) {
      return null;
    }
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException malformed) {
      return null;
    }
  }

  /** A number in decimal, without sign and leading zeros, up to a bound; -1 where it is none. */
  static int number(String digits, int most) {
    if (digits.isEmpty() || digits.length() > 9 || digits.startsWith("0")) {
      return -1;
    }
    int number = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = 10 * number + digit;
    }
    return number <= most ? number : -1;
  }
}
