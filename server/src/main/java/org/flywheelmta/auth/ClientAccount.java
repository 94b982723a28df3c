package org.flywheelmta.auth;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * With what this server authenticates to another one. It remembers the keys that were derived last,
 * so that many connections to one server cost one hash (RFC 7677 section 4).
 */
@ConcurrentThreadSafe
public final class ClientAccount {
  /** What is shown. */
  public enum Kind {
    PASSWORD,
    /** A bearer token of OAuth. */
    TOKEN
  }

  private final String name;
  private final String secret;
  private final Kind kind;
  private final AtomicReference<@Nullable Derived> derived = new AtomicReference<>();

  private ClientAccount(String name, String secret, Kind kind) {
    this.name = name;
    this.secret = secret;
    this.kind = kind;
  }

  /** A name and a password; null where one of them holds what SASLprep prohibits. */
  public static @Nullable ClientAccount password(String name, String password) {
    var preparedName = SaslText.name(name);
    var preparedPassword = SaslText.password(password);
    return preparedName == null || preparedPassword == null
        ? null
        : new ClientAccount(preparedName, preparedPassword, Kind.PASSWORD);
  }

  /** A name and a bearer token. */
  public static ClientAccount token(String name, String token) {
    return new ClientAccount(name, token, Kind.TOKEN);
  }

  public String name() {
    return name;
  }

  Kind kind() {
    return kind;
  }

  String secret() {
    return secret;
  }

  /** What was derived from the password for one salt. */
  @ReadOnlyThreadSafe
  static final class Derived {
    final byte[] clientKey;
    final byte[] serverKey;
    private final ScramHash hash;
    private final byte[] salt;
    private final int iterations;

    private Derived(ScramHash hash, byte[] salt, int iterations, byte[] saltedPassword) {
      this.hash = hash;
      this.salt = salt;
      this.iterations = iterations;
      this.clientKey = ScramKeys.clientKey(hash, saltedPassword);
      this.serverKey = ScramKeys.serverKey(hash, saltedPassword);
    }

    private boolean isFor(ScramHash otherHash, byte[] otherSalt, int otherIterations) {
      return hash == otherHash && iterations == otherIterations && Arrays.equals(salt, otherSalt);
    }
  }

  /** What was derived before; null where it has to be derived first. */
  @Nullable Derived derived(ScramHash hash, byte[] salt, int iterations) {
    var known = derived.get();
    return known != null && known.isFor(hash, salt, iterations) ? known : null;
  }

  /** Derives; some milliseconds or more, never on a scheduler. */
  Derived derive(ScramHash hash, byte[] salt, int iterations) {
    var known = derived(hash, salt, iterations);
    if (known == null) {
      known = new Derived(hash, salt, iterations, hash.derive(secret, salt, iterations));
      derived.set(known);
    }
    return known;
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return name;
  }
}
