package org.flywheelmta.clients;

/** Thrown by a {@link Performer} where the session ends: nothing more is said over it. */
public final class SessionOver extends Exception {
  private static final long serialVersionUID = 1L;

  /** Without a stack, since it is no error. */
  public SessionOver() {
    super("over", null, false, false);
  }
}
