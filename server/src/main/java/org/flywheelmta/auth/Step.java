package org.flywheelmta.auth;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/** What a mechanism wants next; {@link SaslExchange} does it. */
@ReadOnlyThreadSafe
sealed interface Step {
  /** Send this, and feed what comes back. */
  record Challenge(String text) implements Step {}

  /**
   * Look the account up, and give its keys for a hash, or keys that nobody knows.
   *
   * @param name as the client wrote it
   */
  record Keys(String name, String authorization, ScramHash hash) implements Step {}

  /** Look the account up, and verify its password. */
  record Password(String name, String authorization, String password) implements Step {
    /** Without the password. */
    @Override
    public String toString() {
      return "Password of " + name;
    }
  }

  /** Look the account up, whose name was proven outside of SASL. */
  record External(String name, String authorization) implements Step {}

  /** Verify a token. */
  record Token(String name, String token) implements Step {
    /** Without the token. */
    @Override
    public String toString() {
      return "Token of " + name;
    }
  }

  /** The client has proven to know the keys; the text goes with the success. */
  record Proven(String text) implements Step {}

  /** It is over. */
  enum Failed implements Step {
    /** No message of this mechanism. */
    MALFORMED("malformed"),
    /** The proof or the token is wrong. */
    CREDENTIALS("credentials"),
    /** The channel binding is another, or the client was told that there is none. */
    BINDING("binding");

    private final String word;

    Failed(String word) {
      this.word = word;
    }

    /** As the audit has it. */
    String word() {
      return word;
    }
  }
}
