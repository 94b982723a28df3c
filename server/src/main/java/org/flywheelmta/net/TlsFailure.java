package org.flywheelmta.net;

import java.io.IOException;

/**
 * A handshake that failed, or a record that did not verify. What broke it may be what the other
 * side sent, so its text is for logs alone and holds no line breaks.
 */
public final class TlsFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private static final int MAX_TEXT = 300;

  TlsFailure(Throwable cause) {
    super(text(cause), cause);
  }

  TlsFailure(String text) {
    super(text);
  }

  private static String text(Throwable cause) {
    var root = cause;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    var said = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    var line = new StringBuilder();
    for (int i = 0; i < said.length() && line.length() < MAX_TEXT; i++) {
      char c = said.charAt(i);
      line.append(c < ' ' || c >= 0x7f ? ' ' : c);
    }
    return line.toString().strip();
  }
}
