package org.flywheelmta.base;

/** A broken invariant of Flywheel itself. Thrown by {@link Check} alone. */
public final class BugException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BugException(String message) {
    super(message);
  }
}
