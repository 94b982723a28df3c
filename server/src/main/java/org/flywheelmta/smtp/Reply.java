package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * A reply of one line (RFC 5321 section 4.2, RFC 2034). It is spelled once, since nearly all that a
 * session says are the same few.
 */
@ReadOnlyThreadSafe
final class Reply {
  private final int code;
  private final String enhanced;
  private final String text;
  private final byte[] line;

  /**
   * Makes a reply.
   *
   * @param code three digits
   * @param enhanced enhanced status code (RFC 3463), or empty where none belongs
   * @param text printable ASCII without a line break
   */
  Reply(int code, String enhanced, String text) {
    this.code = code;
    this.enhanced = enhanced;
    this.text = text;
    var spelled = code + (enhanced.isEmpty() ? " " : " " + enhanced + " ") + text + "\r\n";
    this.line = spelled.getBytes(StandardCharsets.US_ASCII);
  }

  int code() {
    return code;
  }

  String enhanced() {
    return enhanced;
  }

  String text() {
    return text;
  }

  /** True for 2xx and 3xx. */
  boolean positive() {
    return code < 400;
  }

  /** The line with its CRLF; the caller releases it. */
  ByteBuf encoded(ByteBufAllocator allocator) {
    return allocator.directBuffer(line.length).writeBytes(line);
  }

  /** Writes the line with its CRLF. */
  void encode(ByteBuf out) {
    out.writeBytes(line);
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
