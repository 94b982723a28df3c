package org.flywheelmta.bench.bare;

import io.netty.buffer.ByteBuf;

/**
 * Finds the line with the single dot that ends the data (RFC 5321 section 4.1.1.4), over any
 * division into buffers. It looks for dots and at their neighbours, since dots are rare. For one
 * thread.
 */
final class DataEnd {
  static final int NONE = -1;

  /** How many octets of CR LF dot CR LF are matched by what came last; data begins after CR LF. */
  private int matched = 2;

  /** The index after the end of data in what can be read of the buffer, or {@link #NONE}. */
  int find(ByteBuf buffer) {
    int at = buffer.readerIndex();
    int end = buffer.writerIndex();
    while (at < end) {
      if (matched == 0) {
        int dot = buffer.indexOf(at, end, (byte) '.');
        if (dot < 0) {
          matched = tail(buffer, at, end);
          return NONE;
        }
        boolean begins =
            dot - at >= 2 && buffer.getByte(dot - 1) == '\n' && buffer.getByte(dot - 2) == '\r';
        matched = begins ? 3 : 0;
        at = dot + 1;
      } else {
        if (step(buffer.getByte(at++))) {
          matched = 2;
          return at;
        }
      }
    }
    return NONE;
  }

  private boolean step(byte octet) {
    if (octet == '\r') {
      matched = matched == 3 ? 4 : 1;
      return false;
    }
    boolean goesOn =
        switch (matched) {
          case 1, 4 -> octet == '\n';
          case 2 -> octet == '.';
          default -> false;
        };
    matched = goesOn ? matched + 1 : 0;
    return matched == 5;
  }

  private static int tail(ByteBuf buffer, int from, int end) {
    byte last = buffer.getByte(end - 1);
    if (last == '\r') {
      return 1;
    }
    return last == '\n' && end - from >= 2 && buffer.getByte(end - 2) == '\r' ? 2 : 0;
  }
}
