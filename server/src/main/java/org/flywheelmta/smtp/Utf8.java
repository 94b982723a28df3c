package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;

/**
 * Characters of UTF-8 as RFC 3629 section 4 defines them, and nothing that merely resembles them.
 */
final class Utf8 {
  /** No well-formed character begins here. */
  static final int ILL_FORMED = -1;

  private Utf8() {}

  /**
   * The character that begins at {@code index}. One that is overlong, a surrogate, above U+10FFFF
   * or cut off by {@code end} is {@link #ILL_FORMED}.
   *
   * @param index below {@code end}
   */
  static int character(ByteBuf octets, int index, int end) {
    int first = octets.getUnsignedByte(index);
    if (first < 0x80) {
      return first;
    }
    int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    // 0xc0 and 0xc1 would begin overlong forms; so would some of the others, seen by the result.
    if (first < 0xc2 || first > 0xf4 || index + length > end) {
      return ILL_FORMED;
    }
    int character = first & (0x7f >> length);
    for (int i = 1; i < length; i++) {
      int next = octets.getUnsignedByte(index + i);
      if ((next & 0xc0) != 0x80) {
        return ILL_FORMED;
      }
      character = character << 6 | (next & 0x3f);
    }
    boolean plain = length(character) == length && character <= Character.MAX_CODE_POINT;
    boolean surrogate =
        character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    return plain && !surrogate ? character : ILL_FORMED;
  }

  /** How many octets a character has. */
  static int length(int character) {
    if (character < 0x80) {
      return 1;
    }
    return character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  }
}
