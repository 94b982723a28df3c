package org.flywheelmta.spool;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.jspecify.annotations.Nullable;

/**
 * By what a transaction is known that a client sends again because it got no answer: what {@link
 * Tag#DEDUPE_KEY} among its fields says, as the first 128 bits of its SHA-256 (FIPS 180-4). So
 * every key takes the same room, and no two are taken for one by accident.
 *
 * <p>Keys of different clients must differ: whoever takes a key from a client puts into the octets
 * who the client is (an account, a listener).
 *
 * @param high the first 64 bits
 * @param low the others
 */
@ReadOnlyThreadSafe
public record DedupeKey(long high, long low) {
  /** Octets that a key may have. */
  public static final int MOST_OCTETS = 255;

  /** Octets that what is kept of it takes on the disk. */
  static final int BYTES = 16;

  /**
   * A transaction's fields that carry it.
   *
   * @param octets 1 to {@link #MOST_OCTETS}, the client among them; taken over, not copied
   */
  public static Fields in(Fields fields, byte[] octets) {
    Check.that(
        octets.length > 0 && octets.length <= MOST_OCTETS, "a dedupe key is empty or too long");
    return fields.with(Tag.DEDUPE_KEY, octets);
  }

  /** What the fields of a transaction carry; null where there is none. */
  public static @Nullable DedupeKey of(Fields fields) {
    var octets = fields.value(Tag.DEDUPE_KEY);
    return octets == null ? null : of(octets);
  }

  private static DedupeKey of(byte[] octets) {
    try {
      var digest = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(octets));
      return new DedupeKey(digest.getLong(), digest.getLong());
    } catch (NoSuchAlgorithmException impossible) {
      throw Check.bug("a Java platform without SHA-256");
    }
  }
}
