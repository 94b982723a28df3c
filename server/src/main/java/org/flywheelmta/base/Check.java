package org.flywheelmta.base;

/**
 * Assertions that are always on. A check that fails is a bug in Flywheel, never bad input.
 *
 * <p>Where the bug costs a session, the session is closed with a 421; in spool, message, domain and
 * scheduler it stops the process, whose spool is the recovery.
 */
public final class Check {
  private Check() {}

  /** Throws {@link BugException} unless {@code condition} holds. */
  public static void that(boolean condition, String message) {
    if (!condition) {
      throw bug(message);
    }
  }

  /** The exception for an invariant that the caller has found broken; the caller throws it. */
  public static BugException bug(String message) {
    return new BugException(message);
  }
}
