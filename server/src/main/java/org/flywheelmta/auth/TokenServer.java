package org.flywheelmta.auth;

import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * OAUTHBEARER (RFC 7628) and XOAUTH2: a bearer token in one message. A bad one is told in a
 * challenge, which the client acknowledges before the exchange fails.
 */
@NonThreadSafe
final class TokenServer implements SaslServer {
  private static final char SEPARATOR = '\u0001';
  private static final String BEARER = "bearer ";
  private static final String USER = "user=";
  private static final String AUTH = "auth=";
  private static final int MOST_PAIRS = 32;

  private final boolean bearer;
  private boolean bad;

  /**
   * @param bearer OAUTHBEARER; else XOAUTH2
   */
  TokenServer(boolean bearer) {
    this.bearer = bearer;
  }

  @Override
  public Step onMessage(byte[] message) {
    if (bad) {
      return Step.Failed.CREDENTIALS;
    }
    var text = SaslText.utf8(message, 0, message.length);
    if (text == null || text.indexOf('\0') >= 0) {
      return Step.Failed.MALFORMED;
    }
    return bearer ? oauthbearer(text) : xoauth2(text);
  }

  private static Step oauthbearer(String text) {
    int separator = text.indexOf(SEPARATOR);
    if (separator < 0) {
      return Step.Failed.MALFORMED;
    }
    var header = Gs2Header.parse(text.substring(0, separator));
    // What binds a token to a channel is another kind of token.
    if (header == null || header.end() != separator || header.flag() == Gs2Header.Flag.BOUND) {
      return Step.Failed.MALFORMED;
    }
    return pairs(header.authorization(), text, separator + 1);
  }

  private static Step xoauth2(String text) {
    int separator = text.indexOf(SEPARATOR);
    if (separator < USER.length() || !text.startsWith(USER)) {
      return Step.Failed.MALFORMED;
    }
    return pairs(text.substring(USER.length(), separator), text, separator + 1);
  }

  /** Pairs of key and value, each with its separator, and one more at the end. */
  private static Step pairs(String name, String text, int from) {
    String token = null;
    int at = from;
    for (int i = 0; i < MOST_PAIRS; i++) {
      int end = text.indexOf(SEPARATOR, at);
      if (end < 0) {
        return Step.Failed.MALFORMED;
      }
      if (end == at) {
        boolean good =
            end == text.length() - 1 && SaslText.octets(name).length <= SaslText.MOST_NAME_OCTETS;
        return token != null && good ? new Step.Token(name, token) : Step.Failed.MALFORMED;
      }
      if (text.startsWith(AUTH, at)) {
        var value = token(text.substring(at + AUTH.length(), end));
        if (value == null || token != null) {
          return Step.Failed.MALFORMED;
        }
        token = value;
      }
      at = end + 1;
    }
    return Step.Failed.MALFORMED;
  }

  /** The token of {@code Bearer token} (RFC 6750 section 2.1); null where it is none. */
  private static @Nullable String token(String value) {
    if (!value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return null;
    }
    var token = value.substring(BEARER.length());
    for (int i = 0; i < token.length(); i++) {
      if (token.charAt(i) <= ' ' || token.charAt(i) >= 0x7f) {
        return null;
      }
    }
    return token.isEmpty() ? null : token;
  }

  @Override
  public Step onBadToken() {
    bad = true;
    return new Step.Challenge(
        bearer
            ? "{\"status\":\"invalid_token\"}"
            : "{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"\"}");
  }
}
