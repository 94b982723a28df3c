package org.flywheelmta.torture;

/** The machine does not allow what a run needs; the message says what to change. */
final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unavailable(String message) {
    super(message);
  }
}
