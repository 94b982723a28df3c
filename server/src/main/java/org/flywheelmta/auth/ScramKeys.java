package org.flywheelmta.auth;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of a password (RFC 5802 section 2.2): enough to verify it, and to prove to a
 * client that it is stored; not enough to log in anywhere.
 */
@ReadOnlyThreadSafe
public final class ScramKeys {
  /** How often the hash is repeated where nothing else is asked for (RFC 7677 section 4). */
  public static final int DEFAULT_ITERATIONS = 15_000;

  /** The fewest iterations that are stored, or that a server may ask of us. */
  public static final int FEWEST_ITERATIONS = 4_096;

  /** The most iterations that are stored, or that a server may ask of us. */
  public static final int MOST_ITERATIONS = 1_000_000;

  /** How many octets of salt a new account gets. */
  static final int SALT_OCTETS = 16;

  private static final int MOST_SALT_OCTETS = 128;
  private static final byte[] CLIENT_KEY = SaslText.octets("Client Key");
  private static final byte[] SERVER_KEY = SaslText.octets("Server Key");

  private final ScramHash hash;
  private final int iterations;
  private final byte[] salt;
  private final byte[] storedKey;
  private final byte[] serverKey;

  private ScramKeys(
      ScramHash hash, int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
    this.hash = hash;
    this.iterations = iterations;
    this.salt = salt;
    this.storedKey = storedKey;
    this.serverKey = serverKey;
  }

  /** Keys that are given. */
  static ScramKeys of(
      ScramHash hash, int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
    Check.that(
        iterations > 0
            && salt.length > 0
            && storedKey.length == hash.octets()
            && serverKey.length == hash.octets(),
        "keys of no size");
    return new ScramKeys(hash, iterations, salt.clone(), storedKey.clone(), serverKey.clone());
  }

  /**
   * The keys of a password; some milliseconds, never on a scheduler.
   *
   * @param password prepared by {@link SaslText#prepared}
   * @param salt drawn for this account alone
   */
  public static ScramKeys derive(ScramHash hash, String password, byte[] salt, int iterations) {
    var salted = hash.derive(password, salt, iterations);
    return of(hash, iterations, salt, hash.hash(clientKey(hash, salted)), serverKey(hash, salted));
  }

  static byte[] clientKey(ScramHash hash, byte[] saltedPassword) {
    return hash.hmac(saltedPassword, CLIENT_KEY);
  }

  static byte[] serverKey(ScramHash hash, byte[] saltedPassword) {
    return hash.hmac(saltedPassword, SERVER_KEY);
  }

  /** Whether a prepared password is the one; some milliseconds, never on a scheduler. */
  public boolean matches(String password) {
    var derived = hash.hash(clientKey(hash, hash.derive(password, salt, iterations)));
    return MessageDigest.isEqual(derived, storedKey);
  }

  /** Whether a client's proof shows that it knows the password (RFC 5802 section 3). */
  boolean proves(byte[] proof, String authMessage) {
    if (proof.length != hash.octets()) {
      return false;
    }
    var key = hash.hmac(storedKey, SaslText.octets(authMessage));
    for (int i = 0; i < key.length; i++) {
      key[i] ^= proof[i];
    }
    return MessageDigest.isEqual(hash.hash(key), storedKey);
  }

  /** What shows a client that the server knows the keys. */
  byte[] signature(String authMessage) {
    return hash.hmac(serverKey, SaslText.octets(authMessage));
  }

  public ScramHash hash() {
    return hash;
  }

  public int iterations() {
    return iterations;
  }

  /** The salt in base64, as clients are told it. */
  String saltText() {
    return text(salt);
  }

  /** As the accounts file has it: iterations, salt, StoredKey and ServerKey, between colons. */
  public String print() {
    return iterations + ":" + text(salt) + ":" + text(storedKey) + ":" + text(serverKey);
  }

  /** Reads what {@link #print} has written; null where it is nothing such. */
  public static @Nullable ScramKeys parse(ScramHash hash, String text) {
    int first = text.indexOf(':');
    int second = text.indexOf(':', first + 1);
    int third = text.indexOf(':', second + 1);
    if (first < 1 || second < 0 || third < 0) {
      return null;
    }
    int iterations = SaslText.number(text.substring(0, first), MOST_ITERATIONS);
    var salt = SaslText.base64(text.substring(first + 1, second));
    var storedKey = SaslText.base64(text.substring(second + 1, third));
    var serverKey = SaslText.base64(text.substring(third + 1));
    if (iterations < 1 || salt == null || storedKey == null || serverKey == null) {
      return null;
    }
    boolean good =
        salt.length > 0
            && salt.length <= MOST_SALT_OCTETS
            && storedKey.length == hash.octets()
            && serverKey.length == hash.octets();
    return good ? new ScramKeys(hash, iterations, salt, storedKey, serverKey) : null;
  }

  private static String text(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ScramKeys keys
        && hash == keys.hash
        && iterations == keys.iterations
        && Arrays.equals(salt, keys.salt)
        && MessageDigest.isEqual(storedKey, keys.storedKey)
        && MessageDigest.isEqual(serverKey, keys.serverKey);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(salt);
  }

  /** Without the keys, since whoever prints this means no secret. */
  @Override
  public String toString() {
    return hash.word() + " " + iterations;
  }
}
