package org.flywheelmta.auth;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Randomness;
import org.flywheelmta.event.AuditLog;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.ThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * The door through which protocol rooms let clients authenticate. One for the whole server, made
 * where blocking does no harm, since it loads what hashing needs.
 */
@ConcurrentThreadSafe
public final class Authenticator {
  // 192 bits from the machine's secure source.
  private static final int NONCE_SECRETS = 3;

  private final AccountSource accounts;
  private final @Nullable TokenVerifier tokens;
  private final Decoys decoys;
  private final GuessLimiter limiter;
  private final AuthAudit audit;
  private final ThreadPool hashing;
  private final Randomness randomness;

  /**
   * @param tokens null where nobody verifies tokens; then no mechanism with tokens is offered
   * @param hashing the pool on which passwords are hashed
   */
  public Authenticator(
      AccountSource accounts,
      @Nullable TokenVerifier tokens,
      Decoys decoys,
      GuessLimiter limiter,
      AuditLog audit,
      ThreadPool hashing,
      Randomness randomness,
      Clock clock) {
    this.accounts = accounts;
    this.tokens = tokens;
    this.decoys = decoys;
    this.limiter = limiter;
    this.audit = new AuthAudit(audit, clock);
    this.hashing = hashing;
    this.randomness = randomness;
    // What the first client would else wait for on its scheduler: tables and algorithms are loaded.
    decoys.keys(String.valueOf(SaslText.prepared("\u00aa")), ScramHash.SHA_256);
  }

  /** The mechanisms to offer on a connection, the better ones first; a pure function of both. */
  public List<Mechanism> offered(AuthPolicy policy, SaslConnection connection) {
    return Mechanism.offered(policy, connection, tokens != null);
  }

  /**
   * An exchange of one mechanism, which is yet to be begun.
   *
   * @param scheduler that of the connection, on which all calls are made, both ways
   * @param mechanism one that was offered to this connection
   */
  public SaslExchange begin(
      Scheduler scheduler,
      AuthPolicy policy,
      SaslConnection connection,
      Mechanism mechanism,
      SaslExchange.Listener listener) {
    var offered = offered(policy, connection);
    Check.that(offered.contains(mechanism), "a mechanism that was not offered");
    boolean plusOffered = offered.contains(Mechanism.SCRAM_SHA_256_PLUS);
    SaslServer server =
        switch (mechanism) {
          case SCRAM_SHA_256_PLUS -> scram(ScramHash.SHA_256, true, true, connection);
          case SCRAM_SHA_256 -> scram(ScramHash.SHA_256, false, plusOffered, connection);
          // It is never offered with a binding, so its clients are right to say so.
          case SCRAM_SHA_1 -> scram(ScramHash.SHA_1, false, false, connection);
          case EXTERNAL -> new ExternalServer(connection.external());
          case OAUTHBEARER -> new TokenServer(true);
          case XOAUTH2 -> new TokenServer(false);
          case PLAIN -> new PlainServer();
          case LOGIN -> new LoginServer();
        };
    return new SaslExchange(this, scheduler, connection, mechanism, server, listener);
  }

  private ScramServer scram(
      ScramHash hash, boolean plus, boolean plusOffered, SaslConnection connection) {
    return new ScramServer(hash, plus, plusOffered, connection.bindings(), nonce(randomness));
  }

  static String nonce(Randomness randomness) {
    var octets = ByteBuffer.allocate(NONCE_SECRETS * Long.BYTES);
    for (int i = 0; i < NONCE_SECRETS; i++) {
      octets.putLong(randomness.secret());
    }
    return Base64.getEncoder().withoutPadding().encodeToString(octets.array());
  }

  AccountSource accounts() {
    return accounts;
  }

  TokenVerifier tokens() {
    if (tokens == null) {
      throw Check.bug("a token came where none was offered to be taken");
    }
    return tokens;
  }

  Decoys decoys() {
    return decoys;
  }

  GuessLimiter limiter() {
    return limiter;
  }

  AuthAudit audit() {
    return audit;
  }

  ThreadPool hashing() {
    return hashing;
  }
}
