package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Address;
import org.jspecify.annotations.Nullable;

/**
 * Reads a path in angle brackets (RFC 5321 section 4.1.2): source routes are dropped, quoted local
 * parts and address literals are taken as they are. Octets above 127 are read as the UTF-8 that RFC
 * 6531 section 3.3 puts into atoms, quoted strings and labels; whether they may be there, and
 * whether a label is one that IDNA knows, the caller judges. Linear in its length.
 */
@NonThreadSafe
final class PathReader {
  /** Octets of a path with its brackets, RFC 5321 section 4.5.3.1.3, less the brackets. */
  static final int MAX_ADDRESS = 254;

  private static final int FIRST_OF_TEXT = 0xa0;
  private static final int LINE_SEPARATOR = 0x2028;
  private static final int PARAGRAPH_SEPARATOR = 0x2029;
  private static final String ATOM_SPECIALS = "!#$%&'*+-/=?^_`{|}~.";

  private final ByteBuf line;
  private final int end;
  private int index;
  private boolean beyondAscii;

  PathReader(ByteBuf line, int from, int end) {
    this.line = line;
    this.index = from;
    this.end = end;
  }

  /** Where reading stopped: behind the closing bracket, when a path was read. */
  int index() {
    return index;
  }

  /** True when the path, or a source route in it, holds octets above 127. */
  boolean beyondAscii() {
    return beyondAscii;
  }

  /** The address of the path; null when there is no well-formed one. */
  @Nullable Address read() {
    if (!take('<')) {
      return null;
    }
    if (take('>')) {
      return Address.NULL;
    }
    if (peek() == '@' && !skipSourceRoute()) {
      return null;
    }
    int start = index;
    // A local part may be longer than the 64 octets that everybody must take (RFC 5321 4.5.3.1.1):
    // senders that put the recipient into their own address need it.
    if (!(peek() == '"' ? quotedLocalPart() : dotString())) {
      return null;
    }
    if (take('@') && !(peek() == '[' ? addressLiteral() : domain())) {
      return null;
    }
    int length = index - start;
    if (length > MAX_ADDRESS || !take('>')) {
      return null;
    }
    var octets = new byte[length];
    line.getBytes(start, octets);
    return Address.of(octets);
  }

  private int peek() {
    return index < end ? line.getByte(index) : -1;
  }

  private boolean take(char wanted) {
    if (index < end && line.getByte(index) == wanted) {
      index++;
      return true;
    }
    return false;
  }

  /** {@code @one,@two:}, which is taken and ignored (RFC 5321 appendix C). */
  private boolean skipSourceRoute() {
    while (take('@')) {
      if (!domain()) {
        return false;
      }
      if (take(':')) {
        return true;
      }
      if (!take(',')) {
        return false;
      }
    }
    return false;
  }

  private boolean dotString() {
    int start = index;
    while (index < end) {
      int octet = line.getByte(index);
      if (octet < 0 ? !character() : !isAtom(octet)) {
        break;
      }
      index += octet < 0 ? 0 : 1;
    }
    return index > start;
  }

  /**
   * Reads a character beyond ASCII; false, and nothing is read, where there is none. Controls (C1)
   * and line ends of Unicode are no text (RFC 5198 section 2): they would end a line elsewhere.
   */
  private boolean character() {
    int character = Utf8.character(line, index, end);
    if (character < FIRST_OF_TEXT
        || character == LINE_SEPARATOR
        || character == PARAGRAPH_SEPARATOR) {
      return false;
    }
    index += Utf8.length(character);
    beyondAscii = true;
    return true;
  }

  private boolean quotedLocalPart() {
    index++;
    while (index < end) {
      int octet = line.getByte(index);
      if (octet < 0) {
        if (!character()) {
          return false;
        }
        continue;
      }
      index++;
      if (octet == '"') {
        return true;
      }
      if (octet == '\\') {
        if (index >= end) {
          return false;
        }
        // What is quoted singly is ASCII (RFC 5321 section 4.1.2).
        octet = line.getByte(index++);
      }
      if (octet < ' ' || octet == 0x7f) {
        return false;
      }
    }
    return false;
  }

  private boolean domain() {
    int start = index;
    boolean labelStart = true;
    while (index < end) {
      int octet = line.getByte(index);
      if (octet < 0) {
        if (!character()) {
          return false;
        }
        labelStart = false;
        continue;
      }
      if (octet == '.') {
        if (labelStart) {
          return false;
        }
        labelStart = true;
      } else if (isLetterOrDigit(octet) || octet == '-' || octet == '_') {
        labelStart = false;
      } else {
        break;
      }
      index++;
    }
    return index > start && !labelStart;
  }

  private boolean addressLiteral() {
    index++;
    int start = index;
    while (index < end) {
      int octet = line.getByte(index++);
      if (octet == ']') {
        return index - 1 > start;
      }
      if (!isLetterOrDigit(octet) && octet != ':' && octet != '.' && octet != '-') {
        return false;
      }
    }
    return false;
  }

  private static boolean isAtom(int octet) {
    return isLetterOrDigit(octet) || ATOM_SPECIALS.indexOf(octet) >= 0;
  }

  private static boolean isLetterOrDigit(int octet) {
    return (octet >= 'a' && octet <= 'z')
        || (octet >= 'A' && octet <= 'Z')
        || (octet >= '0' && octet <= '9');
  }
}
