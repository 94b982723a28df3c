package org.flywheelmta.base;

import java.util.Optional;

/**
 * The 128-bit id of one accepted transaction: 52 bits of wall clock microseconds, 76 random bits.
 * Printed as 26 characters of Crockford's base 32, which sort as the ids do.
 *
 * @param high microseconds since 1970 in the upper 52 bits, 12 random bits
 * @param low 64 random bits
 */
public record TransactionId(long high, long low) implements Comparable<TransactionId> {
  /** How many characters an id prints as. */
  public static final int TEXT_LENGTH = 26;

  private static final long LOT_BITS = 0xffff_ffffL;
  private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  /** An id for a transaction that began at {@code wallMicros}. */
  public static TransactionId of(long wallMicros, long randomHigh, long randomLow) {
    return new TransactionId((wallMicros << 12) | (randomHigh & 0xfff), randomLow);
  }

  /**
   * The lot of the transaction whose lower half of an id this is: a number from 0 below {@code
   * lots}, spread evenly and the same in every run.
   */
  public static int lot(long low, int lots) {
    return (int) ((low & LOT_BITS) % lots);
  }

  /** The id that differs from this one in random bits alone and has the lot. */
  public TransactionId withLot(int lot, int lots) {
    long drawn = low & LOT_BITS;
    long near = drawn - drawn % lots + lot;
    return new TransactionId(high, (low & ~LOT_BITS) | (near > LOT_BITS ? near - lots : near));
  }

  /** When the transaction began, microseconds since 1970. */
  public long wallMicros() {
    return high >>> 12;
  }

  /** The id printed in {@code text}, upper or lower case; empty when it is none. */
  public static Optional<TransactionId> parse(CharSequence text) {
    if (text.length() != TEXT_LENGTH) {
      return Optional.empty();
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < TEXT_LENGTH; i++) {
      int digit = DIGITS.indexOf(Character.toUpperCase(text.charAt(i)));
      if (digit < 0 || (i == 0 && digit > 7)) {
        return Optional.empty();
      }
      high = (high << 5) | (low >>> 59);
      low = (low << 5) | digit;
    }
    return Optional.of(new TransactionId(high, low));
  }

  @Override
  public int compareTo(TransactionId other) {
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    var text = new char[TEXT_LENGTH];
    long upper = high;
    long lower = low;
    for (int i = TEXT_LENGTH - 1; i >= 0; i--) {
      text[i] = DIGITS.charAt((int) (lower & 31));
      lower = (lower >>> 5) | (upper << 59);
      upper >>>= 5;
    }
    return new String(text);
  }
}
