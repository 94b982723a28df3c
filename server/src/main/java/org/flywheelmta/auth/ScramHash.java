package org.flywheelmta.auth;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.flywheelmta.base.BugException;
import org.flywheelmta.base.Check;

/** A hash that SCRAM is used with, and what SCRAM computes with it (RFC 5802 section 2.2). */
public enum ScramHash {
  /** RFC 7677. */
  SHA_256("SHA-256", "HmacSHA256", "PBKDF2WithHmacSHA256", 32),
  /** RFC 5802, for old clients. */
  SHA_1("SHA-1", "HmacSHA1", "PBKDF2WithHmacSHA1", 20);

  private final String digest;
  private final String mac;
  private final String derivation;
  private final int octets;

  ScramHash(String digest, String mac, String derivation, int octets) {
    this.digest = digest;
    this.mac = mac;
    this.derivation = derivation;
    this.octets = octets;
  }

  /** As mechanisms and the accounts file write it: {@code SHA-256}. */
  public String word() {
    return digest;
  }

  /** How many octets it gives. */
  int octets() {
    return octets;
  }

  byte[] hash(byte[] text) {
    try {
      return MessageDigest.getInstance(digest).digest(text);
    } catch (GeneralSecurityException missing) {
      throw missing(missing);
    }
  }

  byte[] hmac(byte[] key, byte[] text) {
    try {
      var computation = Mac.getInstance(mac);
      computation.init(new SecretKeySpec(key, mac));
      return computation.doFinal(text);
    } catch (GeneralSecurityException missing) {
      throw missing(missing);
    }
  }

  /** SaltedPassword: PBKDF2, some milliseconds; never on a scheduler. */
  byte[] derive(String password, byte[] salt, int iterations) {
    var spec = new PBEKeySpec(password.toCharArray(), salt, iterations, 8 * octets);
    try {
      return SecretKeyFactory.getInstance(derivation).generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException missing) {
      throw missing(missing);
    } finally {
      spec.clearPassword();
    }
  }

  private static BugException missing(GeneralSecurityException missing) {
    return Check.bug("every Java platform has these algorithms: " + missing.getMessage());
  }
}
