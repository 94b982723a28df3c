package org.flywheelmta.auth;

import java.util.Arrays;
import java.util.function.Supplier;
import org.flywheelmta.base.ConcurrentThreadSafe;

/**
 * Keys for names that nobody has: the same for a name each time, so that asking for an unknown name
 * looks like asking for a known one. No password has them.
 */
@ConcurrentThreadSafe
public final class Decoys {
  private final Supplier<byte[]> secret;

  /**
   * @param secret that nobody outside knows; the same at each start, or a restart would change the
   *     salt of unknown names alone
   */
  public Decoys(Supplier<byte[]> secret) {
    this.secret = secret;
  }

  ScramKeys keys(String name, ScramHash hash) {
    var key = secret.get();
    var salt = Arrays.copyOf(part(key, "salt", hash, name), ScramKeys.SALT_OCTETS);
    var storedKey = Arrays.copyOf(part(key, "stored", hash, name), hash.octets());
    var serverKey = Arrays.copyOf(part(key, "server", hash, name), hash.octets());
    return ScramKeys.of(hash, ScramKeys.DEFAULT_ITERATIONS, salt, storedKey, serverKey);
  }

  private static byte[] part(byte[] key, String use, ScramHash hash, String name) {
    return ScramHash.SHA_256.hmac(key, SaslText.octets(use + " " + hash.word() + " " + name));
  }
}
