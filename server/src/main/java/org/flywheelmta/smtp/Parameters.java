package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The parameters behind a path: {@code KEYWORD} or {@code KEYWORD=value}, separated by spaces. */
final class Parameters {
  private Parameters() {}

  /**
   * Gives each parameter to {@code taker}, by keyword in upper case and value (empty where there is
   * none), until one is answered with a reply. An equals sign has a value behind it.
   *
   * @return the reply that refuses the command; null when all were taken
   */
  static @Nullable Reply read(
      ByteBuf line, int from, int to, BiFunction<String, String, @Nullable Reply> taker) {
    int index = from;
    while (index < to) {
      if (line.getByte(index) != ' ') {
        return Replies.BAD_PARAMETER;
      }
      while (index < to && line.getByte(index) == ' ') {
        index++;
      }
      int end = index;
      while (end < to && line.getByte(end) != ' ') {
        end++;
      }
      if (end > index) {
        var text = line.toString(index, end - index, StandardCharsets.ISO_8859_1);
        int equals = text.indexOf('=');
        if (equals > 0 && equals == text.length() - 1) {
          return Replies.BAD_PARAMETER;
        }
        var keyword = equals < 0 ? text : text.substring(0, equals);
        var value = equals < 0 ? "" : text.substring(equals + 1);
        var refused = taker.apply(keyword.toUpperCase(Locale.ROOT), value);
        if (refused != null) {
          return refused;
        }
      }
      index = end;
    }
    return null;
  }
}
