package org.flywheelmta.auth;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A SASL mechanism, as this server speaks it; the better ones first. */
public enum Mechanism {
  /** RFC 7677, bound to the TLS connection. */
  SCRAM_SHA_256_PLUS("SCRAM-SHA-256-PLUS", Need.BINDING),
  /** RFC 7677. */
  SCRAM_SHA_256("SCRAM-SHA-256", Need.NOTHING),
  /** RFC 5802. */
  SCRAM_SHA_1("SCRAM-SHA-1", Need.NOTHING),
  /** RFC 4422 appendix A: who the client is was proven outside of SASL. */
  EXTERNAL("EXTERNAL", Need.IDENTITY),
  /** RFC 7628. */
  OAUTHBEARER("OAUTHBEARER", Need.TOKENS),
  /** What came before OAUTHBEARER. */
  XOAUTH2("XOAUTH2", Need.TOKENS),
  /** RFC 4616. */
  PLAIN("PLAIN", Need.PRIVACY),
  /** PLAIN in two steps, older than its description (draft-murchison-sasl-login). */
  LOGIN("LOGIN", Need.PRIVACY);

  /** What a mechanism needs before it may be offered. */
  private enum Need {
    NOTHING,
    /** Nobody else can read: TLS, or a Unix socket. */
    PRIVACY,
    /** A channel binding. */
    BINDING,
    /** An identity that was proven outside of SASL. */
    IDENTITY,
    /** Privacy, and somebody who verifies tokens. */
    TOKENS
  }

  private final String word;
  private final Need need;

  Mechanism(String word, Need need) {
    this.word = word;
    this.need = need;
  }

  /** The name in the registry of mechanisms. */
  public String word() {
    return word;
  }

  /** The mechanism of a name, in any case; null where it is none of these. */
  public static @Nullable Mechanism of(String name) {
    var folded = name.toUpperCase(Locale.ROOT);
    for (var mechanism : values()) {
      if (mechanism.word.equals(folded)) {
        return mechanism;
      }
    }
    return null;
  }

  /**
   * What may be offered on a connection, the better ones first.
   *
   * @param tokens whether there is somebody who verifies tokens
   */
  static List<Mechanism> offered(AuthPolicy policy, SaslConnection connection, boolean tokens) {
    var offered = new ArrayList<Mechanism>();
    for (var mechanism : values()) {
      if (policy.mechanisms().contains(mechanism)
          && mechanism.mayBeOffered(policy, connection, tokens)) {
        offered.add(mechanism);
      }
    }
    return offered;
  }

  private boolean mayBeOffered(AuthPolicy policy, SaslConnection connection, boolean tokens) {
    boolean readable = !connection.secure() && !policy.allowClear();
    return switch (need) {
      case NOTHING -> true;
      case PRIVACY -> !readable;
      case BINDING -> !connection.bindings().isEmpty();
      case IDENTITY -> !connection.external().isEmpty();
      case TOKENS -> !readable && tokens;
    };
  }

  /** The names of some mechanisms, as protocols list them. */
  public static List<String> words(Collection<Mechanism> mechanisms) {
    return mechanisms.stream().map(Mechanism::word).toList();
  }
}
