package org.flywheelmta.event;

import org.flywheelmta.base.TransactionId;

/**
 * The hashes by which events are found: 31 bits, the same on every machine and at every start.
 * Plain, since what collides on purpose only makes a search read more lines.
 */
final class IndexKey {
  private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

  private IndexKey() {}

  /** The hash of a transaction's id, most of whose bits are random. */
  static int of(TransactionId id) {
    return mix(id.low() ^ Long.rotateLeft(id.high(), 32));
  }

  /** The hash of a recipient's address as it stands in its line; ASCII letters have no case. */
  static int of(String recipient) {
    long hash = recipient.length();
    for (int i = 0; i < recipient.length(); i++) {
      hash = hash * 31 + fold(recipient.charAt(i));
    }
    return mix(hash);
  }

  private static int mix(long hash) {
    return (int) ((hash * MULTIPLIER) >>> 33);
  }

  private static char fold(char character) {
    return character >= 'A' && character <= 'Z' ? (char) (character + ('a' - 'A')) : character;
  }

  /** True when two addresses differ in nothing but the case of ASCII letters. */
  static boolean same(String one, String other) {
    if (one.length() != other.length()) {
      return false;
    }
    for (int i = 0; i < one.length(); i++) {
      if (fold(one.charAt(i)) != fold(other.charAt(i))) {
        return false;
      }
    }
    return true;
  }
}
