package org.flywheelmta.base;

/**
 * What the server tells the people who run it: starts, limits reached, volumes failing. Never a
 * line per message, never message content or a credential.
 *
 * <p>Implementations escape control characters, never block the caller and collapse repetitions.
 */
@ConcurrentThreadSafe
public interface OperatorLog {
  /** How much a line matters. */
  enum Level {
    INFO,
    WARNING,
    ERROR
  }

  /** Writes one line. {@code text} is one sentence; data in it may hold anything. */
  void write(Level level, String text);

  /** Something that an operator wants to know. */
  default void info(String text) {
    write(Level.INFO, text);
  }

  /** Something that an operator should look at. */
  default void warning(String text) {
    write(Level.WARNING, text);
  }

  /** Something that an operator must act on. */
  default void error(String text) {
    write(Level.ERROR, text);
  }
}
