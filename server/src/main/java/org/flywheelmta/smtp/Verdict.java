package org.flywheelmta.smtp;

/** What a hook of the session decides. */
public sealed interface Verdict {
  /** The session goes on. */
  record Accept() implements Verdict {}

  /**
   * The step is refused.
   *
   * @param code 4xx or 5xx; 421 closes the session
   * @param enhanced enhanced status code of the same class
   * @param text printable ASCII
   */
  record Refuse(int code, String enhanced, String text) implements Verdict {}
}
