package org.flywheelmta.auth;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/** How an exchange ended. None but success says anything about the account to the client. */
@ReadOnlyThreadSafe
public sealed interface Outcome {
  /**
   * The client is who it says.
   *
   * @param text what the mechanism says with its success; empty where it has nothing to say, or has
   *     said it in a challenge
   */
  record Success(Identity identity, String text) implements Outcome {}

  /** Anything else; the codes are what SMTP answers (RFC 4954 section 6). */
  enum Failure implements Outcome {
    /** Name, password, token or channel binding are wrong: 535 5.7.8. */
    REJECTED,
    /** A message of the client was no message of the mechanism: 501 5.5.2. */
    MALFORMED,
    /** Accounts cannot be looked up now, or the server is busy: 454 4.7.0. */
    UNAVAILABLE,
    /** Too many failures; nothing was looked at: 454 4.7.0. */
    LIMITED
  }
}
