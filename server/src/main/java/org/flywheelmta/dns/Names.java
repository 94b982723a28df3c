package org.flywheelmta.dns;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Names as they are on the wire and in text (RFC 1035 sections 2.3.4 and 3.1). */
final class Names {
  /** The most octets of a name on the wire, its last, empty label included. */
  static final int MOST_OCTETS = 255;

  /** The most octets of a label. */
  static final int MOST_LABEL_OCTETS = 63;

  /** The most characters of a name in text, without a dot at the end. */
  static final int MOST_CHARACTERS = MOST_OCTETS - 2;

  private Names() {}

  /** Whether a name fits into a query: no other name can exist. */
  static boolean canBeAsked(String name) {
    if (name.isEmpty() || name.length() > MOST_CHARACTERS) {
      return false;
    }
    int label = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '.') {
        if (label == 0) {
          return false;
        }
        label = 0;
      } else {
        label++;
        if (!isPlain(c) || label > MOST_LABEL_OCTETS) {
          return false;
        }
      }
    }
    return label > 0;
  }

  /** What a label may have that is written as it is: no dot, no blank, nothing beyond ASCII. */
  static boolean isPlain(int octet) {
    return octet > ' ' && octet < 0x7f && octet != '.';
  }

  /**
   * Reads a name without pointers that fills the rest of a buffer.
   *
   * @return in lower case, without a dot at the end, empty for the root; null when it is none
   */
  static @Nullable String read(ByteBuf in) {
    if (in.readableBytes() > MOST_OCTETS) {
      return null;
    }
    var name = new StringBuilder(in.readableBytes());
    while (in.isReadable()) {
      int length = in.readUnsignedByte();
      if (length == 0) {
        return in.isReadable() ? null : name.toString();
      }
      if (length > MOST_LABEL_OCTETS || length > in.readableBytes()) {
        return null;
      }
      if (!name.isEmpty()) {
        name.append('.');
      }
      for (int i = 0; i < length; i++) {
        int octet = in.readUnsignedByte();
        if (!isPlain(octet)) {
          return null;
        }
        name.append(lower((char) octet));
      }
    }
    return null;
  }

  /** A name as a decoder writes it, in lower case and without its dot at the end. */
  static String plain(String name) {
    int length = name.endsWith(".") ? name.length() - 1 : name.length();
    var plain = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      plain.append(lower(name.charAt(i)));
    }
    return plain.toString();
  }

  private static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
  }
}
