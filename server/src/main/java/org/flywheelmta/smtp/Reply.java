package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * A reply of one line (RFC 5321 section 4.2, RFC 2034).
 *
 * @param code three digits
 * @param enhanced enhanced status code (RFC 3463), or empty where none belongs
 * @param text printable ASCII without a line break
 */
record Reply(int code, String enhanced, String text) {
  /** True for 2xx and 3xx. */
  boolean positive() {
    return code < 400;
  }

  /** Writes the line with its CRLF. */
  void encode(ByteBuf out) {
    digits(code, out);
    out.writeByte(' ');
    if (!enhanced.isEmpty()) {
      ByteBufUtil.writeAscii(out, enhanced);
      out.writeByte(' ');
    }
    ByteBufUtil.writeAscii(out, text);
    out.writeByte('\r').writeByte('\n');
  }

  /** Writes one line of a reply of several, more of which follow. */
  static void encodeContinued(int code, String text, ByteBuf out) {
    digits(code, out);
    out.writeByte('-');
    ByteBufUtil.writeAscii(out, text);
    out.writeByte('\r').writeByte('\n');
  }

  private static void digits(int code, ByteBuf out) {
    out.writeByte('0' + code / 100).writeByte('0' + code / 10 % 10).writeByte('0' + code % 10);
  }
}
