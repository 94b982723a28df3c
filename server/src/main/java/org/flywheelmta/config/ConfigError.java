package org.flywheelmta.config;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/** Why a configuration does not hold. */
@ReadOnlyThreadSafe
public record ConfigError(Position at, String text) {
  /** {@code FILE:LINE:COLUMN: text}, the line, and a caret below the place; without a line end. */
  public String print() {
    return at.print(text);
  }
}
