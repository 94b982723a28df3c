package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The name by which a client introduces itself (RFC 5321 section 4.1.1.1). */
final class HelloName {
  private static final int MAX_LENGTH = 255;

  private HelloName() {}

  /**
   * The name in {@code [from, to)}: a domain or an address literal. Clients say much nonsense here,
   * so any printable word that can stand in a {@code Received} field is taken.
   */
  static @Nullable String read(ByteBuf line, int from, int to) {
    int start = from;
    while (start < to && line.getByte(start) == ' ') {
      start++;
    }
    if (start == to || to - start > MAX_LENGTH) {
      return null;
    }
    for (int i = start; i < to; i++) {
      int octet = line.getByte(i);
      if (octet <= ' ' || octet == '(' || octet == ')' || octet == ';' || octet == '<') {
        return null;
      }
    }
    return line.toString(start, to - start, StandardCharsets.US_ASCII);
  }
}
