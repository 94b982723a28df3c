package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;

/**
 * Finds line breaks many octets at a time, and notes on the way whether any octet was above 127.
 */
final class LineBreaks {
  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long CR = '\r' * LOW_BITS;
  private static final long LF = '\n' * LOW_BITS;
  private static final long ABOVE_BREAKS = ('\r' + 1) * LOW_BITS;
  private static final int STRIDE_BYTES = 4 * Long.BYTES;

  private long seen;

  /** True once any octet looked at was above 127. */
  boolean eightBit() {
    return (seen & HIGH_BITS) != 0;
  }

  /** The index of the first CR or LF in {@code [from, to)}; {@code to} when there is none. */
  int next(ByteBuf input, int from, int to) {
    int index = pass(input, from, to);
    while (index + Long.BYTES <= to) {
      long eight = input.getLongLE(index);
      long breaks = zeroes(eight ^ CR) | zeroes(eight ^ LF);
      if (breaks != 0) {
        // The lowest mark is exact; only marks above a true one can be false.
        int octets = Long.numberOfTrailingZeros(breaks) >>> 3;
        seen |= octets == 0 ? 0 : eight << (Long.SIZE - octets * Byte.SIZE);
        return index + octets;
      }
      seen |= eight;
      index += Long.BYTES;
    }
    for (; index < to; index++) {
      byte octet = input.getByte(index);
      if (octet == '\r' || octet == '\n') {
        return index;
      }
      seen |= (long) octet & 0x80;
    }
    return to;
  }

  /**
   * Passes over strides of octets none of which is CR, LF or a control below them. Most lines are
   * longer than a stride, and asking less of each octet takes half the time.
   */
  private int pass(ByteBuf input, int from, int to) {
    int index = from;
    long passed = 0;
    while (index + STRIDE_BYTES <= to) {
      long first = input.getLongLE(index);
      long second = input.getLongLE(index + Long.BYTES);
      long third = input.getLongLE(index + 2 * Long.BYTES);
      long fourth = input.getLongLE(index + 3 * Long.BYTES);
      long low = controls(first) | controls(second) | controls(third) | controls(fourth);
      if ((low & HIGH_BITS) != 0) {
        break;
      }
      passed |= first | second | third | fourth;
      index += STRIDE_BYTES;
    }
    seen |= passed;
    return index;
  }

  /** Has a high bit set if, and only if, any octet is CR or below it; which one cannot be told. */
  private static long controls(long eight) {
    return (eight - ABOVE_BREAKS) & ~eight;
  }

  private static long zeroes(long eight) {
    return (eight - LOW_BITS) & ~eight & HIGH_BITS;
  }
}
