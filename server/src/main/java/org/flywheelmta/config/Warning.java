package org.flywheelmta.config;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/** What looks like a mistake in a configuration that holds. */
@ReadOnlyThreadSafe
public record Warning(Position at, String text) {
  /** {@code FILE:LINE:COLUMN: warning: text}, the line, and a caret; without a line end. */
  public String print() {
    return at.print("warning: " + text);
  }
}
