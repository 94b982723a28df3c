package org.flywheelmta.auth;

import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/** LOGIN: name and password, each asked for. The questions are those that clients look for. */
@NonThreadSafe
final class LoginServer implements SaslServer {
  private @Nullable String name;

  @Override
  public Step begin() {
    return new Step.Challenge("Username:");
  }

  @Override
  public Step onMessage(byte[] message) {
    var text = SaslText.utf8(message, 0, message.length);
    if (text == null || text.indexOf('\0') >= 0) {
      return Step.Failed.MALFORMED;
    }
    if (name == null) {
      if (text.isEmpty() || SaslText.octets(text).length > SaslText.MOST_NAME_OCTETS) {
        return Step.Failed.MALFORMED;
      }
      name = text;
      return new Step.Challenge("Password:");
    }
    return PlainServer.step(name, "", text);
  }
}
