package org.flywheelmta.config;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** The text of one file, or of one {@code --set}, and the name under which errors show it. */
@ReadOnlyThreadSafe
final class Source {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final String name;
  private final String text;
  private final int order;

  /** {@code order} counts the sources of a load, so that errors come out in reading order. */
  Source(String name, String text, int order) {
    this.name = name;
    this.text = text;
    this.order = order;
  }

  /**
   * The text of {@code bytes}, which must be UTF-8 without NUL; a leading byte order mark is left
   * out. What is wrong goes to {@code errors}, and the text is then not worth parsing.
   */
  static Source decode(String name, ByteBuffer bytes, int order, Errors errors) {
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    var chars = CharBuffer.allocate(bytes.remaining());
    var result = decoder.decode(bytes.duplicate(), chars, true);
    var length = chars.position();
    var malformed = result.isError();
    var text =
        malformed ? StandardCharsets.UTF_8.decode(bytes).toString() : chars.flip().toString();
    var mark = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? 1 : 0;
    var source = new Source(name, text.substring(mark), order);
    var nul = source.text.indexOf('\0');
    if (malformed) {
      errors.add(source.at(length - mark), "not UTF-8: save the file in that encoding");
    } else if (nul >= 0) {
      errors.add(source.at(nul), "a NUL character: this is no text file");
    }
    return source;
  }

  String name() {
    return name;
  }

  String text() {
    return text;
  }

  int order() {
    return order;
  }

  Position at(int offset) {
    return new Position(this, offset);
  }

  /** Offset of the first character of the line that holds {@code offset}. */
  int lineStart(int offset) {
    return text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** Offset behind the last character of the line that holds {@code offset}, its end left out. */
  int lineEnd(int offset) {
    var end = text.indexOf('\n', offset);
    end = end < 0 ? text.length() : end;
    return end > lineStart(offset) && text.charAt(end - 1) == '\r' ? end - 1 : end;
  }
}
