package org.flywheelmta.sim;

import org.jspecify.annotations.Nullable;

/** A run that went wrong: what, at which virtual time, from which seed, and how to replay it. */
public final class SimFailure extends AssertionError {
  private static final long serialVersionUID = 1L;

  SimFailure(String text, @Nullable Throwable cause) {
    super(text, cause);
  }
}
