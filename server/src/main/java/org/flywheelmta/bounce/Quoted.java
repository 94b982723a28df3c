package org.flywheelmta.bounce;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.bounce.BouncePolicy.Quoting;
import org.flywheelmta.message.Content;

/** What a notification quotes of a mail: a stretch of its content, and what is in it. */
@NonThreadSafe
final class Quoted {
  /** Most octets of a header that are quoted. */
  static final int MAX_HEADER_BYTES = 64 * 1024;

  final ByteBuf source;
  final int length;

  /** Whether it is the mail as a whole. */
  final boolean whole;

  private final boolean ascii;

  private Quoted(ByteBuf source, int length, boolean whole, boolean ascii) {
    this.source = source;
    this.length = length;
    this.whole = whole;
    this.ascii = ascii;
  }

  /**
   * Chooses what is quoted.
   *
   * @param wanted not {@code NONE}
   * @param limitBytes the largest content that is quoted as a whole
   */
  static Quoted of(Content content, Quoting wanted, long limitBytes) {
    var bytes = content.bytes();
    if (wanted == Quoting.FULL && content.size() <= limitBytes && !content.shape().eightBit()) {
      return new Quoted(bytes, content.size(), true, true);
    }
    int length = headerLength(bytes);
    return new Quoted(bytes, length, false, isAscii(bytes, length));
  }

  /** The header without the empty line; whole fields where it is longer than is quoted. */
  private static int headerLength(ByteBuf bytes) {
    int from = bytes.readerIndex();
    int most = Math.min(bytes.readableBytes(), MAX_HEADER_BYTES);
    int fields = 0;
    int line = 0;
    while (line < most) {
      int first = bytes.getByte(from + line);
      if (first == '\r') {
        return line;
      }
      if (first != ' ' && first != '\t') {
        fields = line;
      }
      int end = bytes.indexOf(from + line, from + most, (byte) '\n');
      if (end < 0) {
        break;
      }
      line = end - from + 1;
    }
    // Without a body all is header; of one endless field its beginning is shown.
    return most == bytes.readableBytes() || fields == 0 ? most : fields;
  }

  private static boolean isAscii(ByteBuf bytes, int length) {
    return bytes.forEachByte(bytes.readerIndex(), length, octet -> octet >= 0) < 0;
  }

  boolean isAscii() {
    return ascii;
  }

  /** True when it ends with a line end, or is empty. */
  boolean endsWithLine() {
    return length == 0 || source.getByte(source.readerIndex() + length - 1) == '\n';
  }

  /** True when a line of it begins with a dot. */
  boolean hasDotLines() {
    int from = source.readerIndex();
    int end = from + length;
    if (length > 0 && source.getByte(from) == '.') {
      return true;
    }
    for (int at = source.indexOf(from, end, (byte) '\n'); at >= 0 && at + 1 < end; ) {
      if (source.getByte(at + 1) == '.') {
        return true;
      }
      at = source.indexOf(at + 1, end, (byte) '\n');
    }
    return false;
  }

  byte[] octets() {
    var octets = new byte[length];
    source.getBytes(source.readerIndex(), octets);
    return octets;
  }

  /** True when its octets are well-formed UTF-8. */
  boolean isUtf8() {
    try {
      var _ =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(octets()));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }
}
