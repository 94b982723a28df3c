package org.flywheelmta.clients;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A reply of an SMTP server.
 *
 * @param code 200 to 599
 * @param lines the texts behind the code, one or more
 */
public record Reply(int code, List<String> lines) {
  private static final int LINES_MAX = 100;
  private static final int CODE_DIGITS = 3;

  /** Reads one whole reply (RFC 5321, section 4.2.1). */
  public static Reply read(Wire wire) throws IOException {
    var lines = new ArrayList<String>();
    while (lines.size() < LINES_MAX) {
      if (!wire.next()) {
        throw new EOFException("the server closed the connection instead of replying");
      }
      String line = wire.text();
      int code = code(line);
      boolean more = line.length() > CODE_DIGITS && line.charAt(CODE_DIGITS) == '-';
      lines.add(line.substring(Math.min(CODE_DIGITS + 1, line.length())));
      if (!more) {
        return new Reply(code, List.copyOf(lines));
      }
    }
    throw new ProtocolException("a reply of more than " + LINES_MAX + " lines");
  }

  private static int code(String line) throws IOException {
    int code = 0;
    for (int i = 0; i < CODE_DIGITS; i++) {
      char digit = i < line.length() ? line.charAt(i) : ' ';
      if (digit < '0' || digit > '9') {
        throw new ProtocolException("no reply code in: " + line);
      }
      code = code * 10 + digit - '0';
    }
    return code;
  }

  /** All lines in one. */
  public String text() {
    return String.join(" ", lines);
  }

  /** Whether it is 2xx. */
  public boolean positive() {
    return code >= 200 && code < 300;
  }

  /** Whether a reply to EHLO offers an extension. */
  public boolean offers(String keyword) {
    return lines.stream()
        .map(line -> line.toUpperCase(Locale.ROOT))
        .anyMatch(line -> line.equals(keyword) || line.startsWith(keyword + ' '));
  }
}
