package org.flywheelmta.clients;

/** A line of a script that says nothing; the message is {@code FILE:LINE: text}. */
public final class BadScript extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadScript(String message) {
    super(message);
  }
}
