package org.flywheelmta.net;

import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;

/**
 * A handshake that failed, or a record that did not verify. What broke it may be what the other
 * side sent, so its text is for logs alone and holds no line breaks.
 */
public final class TlsFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private static final int MAX_TEXT = 300;

  private final boolean ours;

  TlsFailure(Throwable cause) {
    super(text(cause), cause);
    this.ours = isRefused(cause);
  }

  TlsFailure(String text) {
    super(text);
    this.ours = false;
  }

  /** True when it says nothing of the other side: there was no room here to compute it. */
  public boolean ours() {
    return ours;
  }

  private static boolean isRefused(Throwable cause) {
    for (var each = cause; each != null; each = each.getCause()) {
      if (each instanceof RejectedExecutionException) {
        return true;
      }
    }
    return false;
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
