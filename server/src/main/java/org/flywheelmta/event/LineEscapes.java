package org.flywheelmta.event;

import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;

/**
 * What JSON lets through, but a terminal or a reader of lines may stumble over, is escaped too:
 * DEL, the C1 controls, and the line and paragraph separators.
 */
@ReadOnlyThreadSafe
final class LineEscapes extends CharacterEscapes {
  private static final long serialVersionUID = 1L;

  private static final int[] ASCII = ascii();
  private static final SerializedString[] CONTROLS = controls();
  private static final SerializedString LINE_SEPARATOR = new SerializedString("\\u2028");
  private static final SerializedString PARAGRAPH_SEPARATOR = new SerializedString("\\u2029");

  private static int[] ascii() {
    var escapes = standardAsciiEscapesForJSON();
    escapes[0x7f] = ESCAPE_STANDARD;
    return escapes;
  }

  private static SerializedString[] controls() {
    var escapes = new SerializedString[0x20];
    for (int i = 0; i < escapes.length; i++) {
      escapes[i] = new SerializedString("\\u00" + Integer.toHexString(0x80 + i));
    }
    return escapes;
  }

  @Override
  public int[] getEscapeCodesForAscii() {
    return ASCII;
  }

  @Override
  public @Nullable SerializableString getEscapeSequence(int character) {
    if (character >= 0x80 && character < 0xa0) {
      return CONTROLS[character - 0x80];
    }
    return switch (character) {
      case 0x2028 -> LINE_SEPARATOR;
      case 0x2029 -> PARAGRAPH_SEPARATOR;
      default -> null;
    };
  }
}
