package org.flywheelmta.auth;

import org.flywheelmta.base.NonThreadSafe;

/** EXTERNAL (RFC 4422 appendix A): the client says at most as whom it wants to act. */
@NonThreadSafe
final class ExternalServer implements SaslServer {
  private final String name;

  /**
   * @param name who the client is, as TLS or its socket has proven
   */
  ExternalServer(String name) {
    this.name = name;
  }

  @Override
  public Step onMessage(byte[] message) {
    var text = SaslText.utf8(message, 0, message.length);
    return text == null || text.indexOf('\0') >= 0 || message.length > SaslText.MOST_NAME_OCTETS
        ? Step.Failed.MALFORMED
        : new Step.External(name, text);
  }
}
