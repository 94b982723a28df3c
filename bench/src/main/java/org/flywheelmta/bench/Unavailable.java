package org.flywheelmta.bench;

/** The machine lacks what a benchmark needs; the message says how to get it. */
public final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Unavailable(String message) {
    super(message);
  }
}
