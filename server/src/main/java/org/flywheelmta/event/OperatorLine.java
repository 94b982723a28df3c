package org.flywheelmta.event;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.flywheelmta.base.OperatorLog;

/**
 * One line of the operator log before it is printed.
 *
 * @param wallMicros when it was written, microseconds since 1970
 * @param text as it came; anything may be in it
 */
record OperatorLine(long wallMicros, OperatorLog.Level level, String text) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");
  private static final String HEX = "0123456789abcdef";

  /** Appends time, level and text, escaped, with the line feed. */
  void print(StringBuilder out) {
    long seconds = Math.floorDiv(wallMicros, 1_000_000L);
    int nanos = (int) Math.floorMod(wallMicros, 1_000_000L) * 1_000;
    TIME.formatTo(LocalDateTime.ofEpochSecond(seconds, nanos, ZoneOffset.UTC), out);
    out.append(' ').append(level).append(' ');
    escape(out);
    out.append('\n');
  }

  /**
   * Nothing in the text can end the line, steer a terminal, or change the direction of what stands
   * around it. A backslash is doubled, so that an escape cannot be forged.
   */
  private void escape(StringBuilder out) {
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      switch (character) {
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\\' -> out.append("\\\\");
        default -> {
          if (WellFormed.pairAt(text, i)) {
            out.append(character).append(text.charAt(++i));
          } else if (isHarmless(character)) {
            out.append(character);
          } else {
            hex(out, character);
          }
        }
      }
    }
  }

  private static boolean isHarmless(char character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static void hex(StringBuilder out, char character) {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(HEX.charAt((character >> shift) & 15));
    }
  }
}
