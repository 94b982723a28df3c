package org.flywheelmta.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.flywheelmta.base.NonThreadSafe;

/**
 * The text of one reply, gathered from its lines: the enhanced status code (RFC 2034) taken off,
 * made printable, cut to a bounded length.
 */
@NonThreadSafe
final class ReplyText {
  /** Most octets of a line that are looked at. */
  static final int LINE_OCTETS = 512;

  /** Most characters that are kept. */
  static final int MAX_CHARACTERS = 512;

  private static final int MAX_OCTETS = 4 * MAX_CHARACTERS;
  private static final int DELETE = 0x7f;
  private static final int MAX_NUMBER_DIGITS = 3;

  private final byte[] kept = new byte[MAX_OCTETS];
  private int length;
  private int lines;
  private String enhanced = "";

  void clear() {
    length = 0;
    lines = 0;
    enhanced = "";
  }

  /**
   * Adds a line without its reply code.
   *
   * @param replyClass first digit of that code; an enhanced code of another class is plain text
   */
  void add(int replyClass, byte[] line, int lineLength) {
    int start = 0;
    int end = enhancedEnd(replyClass, line, lineLength);
    if (end > 0) {
      var found = new String(line, 0, end, US_ASCII);
      if (lines == 0) {
        enhanced = found;
      }
      if (found.equals(enhanced)) {
        start = end;
      }
    }
    lines++;
    while (start < lineLength && line[start] == ' ') {
      start++;
    }
    if (length > 0 && start < lineLength) {
      append((byte) ' ');
    }
    for (int i = start; i < lineLength; i++) {
      append(line[i]);
    }
  }

  private void append(byte octet) {
    if (length < kept.length) {
      kept[length++] = octet;
    }
  }

  /** Where a code such as {@code 5.1.1} ends that the line begins with; 0 when there is none. */
  private static int enhancedEnd(int replyClass, byte[] line, int length) {
    if (length < 5 || line[0] != '0' + replyClass || line[1] != '.' || replyClass == 3) {
      return 0;
    }
    int subject = digitsEnd(line, 2, length);
    if (subject == 2 || subject >= length || line[subject] != '.') {
      return 0;
    }
    int detail = digitsEnd(line, subject + 1, length);
    if (detail == subject + 1 || (detail < length && line[detail] != ' ')) {
      return 0;
    }
    return detail;
  }

  private static int digitsEnd(byte[] line, int from, int length) {
    int index = from;
    int most = Math.min(length, from + MAX_NUMBER_DIGITS);
    while (index < most && line[index] >= '0' && line[index] <= '9') {
      index++;
    }
    return index;
  }

  /** The enhanced code of the first line, or empty. */
  String enhanced() {
    return enhanced;
  }

  /** The text: UTF-8 where it is that, else ISO 8859-1; what does not print is a question mark. */
  String printable() {
    // Nearly all replies, and then octets are characters.
    return isPlain() ? new String(kept, 0, length, US_ASCII) : printable(decoded());
  }

  private boolean isPlain() {
    boolean plain = length <= MAX_CHARACTERS;
    for (int i = 0; plain && i < length; i++) {
      plain = kept[i] >= ' ' && kept[i] < DELETE;
    }
    return plain;
  }

  private String decoded() {
    var out = CharBuffer.allocate(length + 1);
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    // Not the end of input: a character that the limit cut in two is left out.
    var result = decoder.decode(ByteBuffer.wrap(kept, 0, length), out, false);
    if (result.isError()) {
      return new String(kept, 0, length, StandardCharsets.ISO_8859_1);
    }
    return out.flip().toString();
  }

  /** Text from anywhere, made fit for an event: printable and bounded. */
  static String printable(String text) {
    var clean = new StringBuilder(Math.min(text.length(), MAX_CHARACTERS));
    for (int index = 0; index < text.length(); ) {
      int point = text.codePointAt(index);
      index += Character.charCount(point);
      int shown = isPrintable(point) ? point : '?';
      if (clean.length() + Character.charCount(shown) > MAX_CHARACTERS) {
        break;
      }
      clean.appendCodePoint(shown);
    }
    return clean.toString();
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
