package org.flywheelmta.auth;

import java.nio.ByteBuffer;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** The hash of a name or an address under a secret, so that nobody outside knows what collides. */
@ReadOnlyThreadSafe
record GuessKey(long first, long second, long third, long fourth) {
  static GuessKey of(byte[] secret, byte[] text) {
    var hash = ByteBuffer.wrap(ScramHash.SHA_256.hmac(secret, text));
    return new GuessKey(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
  }

  /** One of four independent hashes, from 0. */
  long part(int index) {
    return switch (index) {
      case 0 -> first;
      case 1 -> second;
      case 2 -> third;
      default -> fourth;
    };
  }
}
