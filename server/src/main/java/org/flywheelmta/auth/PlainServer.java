package org.flywheelmta.auth;

import org.flywheelmta.base.NonThreadSafe;

/** PLAIN (RFC 4616): authorization, name and password between NULs, in one message. */
@NonThreadSafe
final class PlainServer implements SaslServer {
  @Override
  public Step onMessage(byte[] message) {
    var text = SaslText.utf8(message, 0, message.length);
    if (text == null) {
      return Step.Failed.MALFORMED;
    }
    int first = text.indexOf('\0');
    int second = text.indexOf('\0', first + 1);
    if (first < 0 || second < 0 || text.indexOf('\0', second + 1) >= 0) {
      return Step.Failed.MALFORMED;
    }
    return step(
        text.substring(first + 1, second), text.substring(0, first), text.substring(second + 1));
  }

  /** Names and passwords without a character, or with too many, are none (RFC 4616 section 2). */
  static Step step(String name, String authorization, String password) {
    boolean good =
        !name.isEmpty()
            && !password.isEmpty()
            && SaslText.octets(name).length <= SaslText.MOST_NAME_OCTETS
            && SaslText.octets(authorization).length <= SaslText.MOST_NAME_OCTETS
            && SaslText.octets(password).length <= SaslText.MOST_PASSWORD_OCTETS;
    return good ? new Step.Password(name, authorization, password) : Step.Failed.MALFORMED;
  }
}
