package org.flywheelmta.auth;

import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;

/**
 * The server's side of one exchange of one mechanism, a machine without time, threads and framing.
 * It is asked for its next step until it says {@link Step.Proven} or {@link Step.Failed}, or hands
 * the decision over.
 */
@NonThreadSafe
interface SaslServer {
  /** The first step where the client has sent nothing with its choice. */
  default Step begin() {
    return new Step.Challenge("");
  }

  /**
   * The next message of the client.
   *
   * @param message decoded, at most {@link SaslText#MOST_MESSAGE_OCTETS}
   */
  Step onMessage(byte[] message);

  /** The answer to {@link Step.Keys}. */
  default Step onKeys(ScramKeys keys) {
    throw Check.bug("a mechanism without keys was given some");
  }

  /** The token of {@link Step.Token} was found to be bad. */
  default Step onBadToken() {
    throw Check.bug("a mechanism without tokens was told of one");
  }
}
