package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Address;
import org.jspecify.annotations.Nullable;

/**
 * Reads a path in angle brackets (RFC 5321 section 4.1.2): source routes are dropped, quoted local
 * parts and address literals are taken as they are. Linear in its length.
 */
@NonThreadSafe
final class PathReader {
  /** A path with its brackets, RFC 5321 section 4.5.3.1.3, less the brackets. */
  static final int MAX_ADDRESS = 254;

  private static final String ATOM_SPECIALS = "!#$%&'*+-/=?^_`{|}~.";

  private final ByteBuf line;
  private final int end;
  private int index;

  PathReader(ByteBuf line, int from, int end) {
    this.line = line;
    this.index = from;
    this.end = end;
  }

  /** Where reading stopped: behind the closing bracket, when a path was read. */
  int index() {
    return index;
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
    while (index < end && isAtom(line.getByte(index))) {
      index++;
    }
    return index > start;
  }

  private boolean quotedLocalPart() {
    index++;
    while (index < end) {
      int octet = line.getByte(index++);
      if (octet == '"') {
        return true;
      }
      if (octet == '\\') {
        if (index >= end) {
          return false;
        }
        octet = line.getByte(index++);
      }
      if ((octet >= 0 && octet < ' ') || octet == 0x7f) {
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
      if (octet == '.') {
        if (labelStart) {
          return false;
        }
        labelStart = true;
      } else if (isLetterOrDigit(octet) || octet == '-' || octet == '_' || octet < 0) {
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
    return octet < 0 || isLetterOrDigit(octet) || ATOM_SPECIALS.indexOf(octet) >= 0;
  }

  private static boolean isLetterOrDigit(int octet) {
    return (octet >= 'a' && octet <= 'z')
        || (octet >= 'A' && octet <= 'Z')
        || (octet >= '0' && octet <= '9');
  }
}
