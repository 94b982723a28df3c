package org.flywheelmta.clients;

/**
 * What a {@link Script} says of a moment.
 *
 * @param waitNanos how long to wait first
 * @param action what to do then
 */
public record Decision(long waitNanos, Action action) {
  /** The ordinary reply at once. */
  public static final Decision ORDINARY = new Decision(0, new Action.Ordinary());

  /** Whether the ordinary reply is given, at once or late. */
  public boolean isOrdinary() {
    return action instanceof Action.Ordinary;
  }
}
