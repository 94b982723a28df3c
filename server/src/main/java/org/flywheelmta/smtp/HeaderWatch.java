package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.flywheelmta.base.NonThreadSafe;

/**
 * Counts the {@code Received} fields of a header section as its lines pass by, in pieces of any
 * size; an empty line ends the section.
 */
@NonThreadSafe
final class HeaderWatch {
  private static final byte[] RECEIVED = "received:".getBytes(StandardCharsets.US_ASCII);
  private static final int NO_MATCH = -1;

  private boolean inHeaders = true;
  private boolean emptyLine;
  private int matched;
  private int receivedCount;

  void onLineStart() {
    emptyLine = true;
    matched = 0;
  }

  void onText(ByteBuf input, int from, int to) {
    if (from == to || !inHeaders) {
      return;
    }
    emptyLine = false;
    for (int i = from; matched != NO_MATCH && i < to; i++) {
      int octet = input.getByte(i);
      int lower = octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
      if (lower != RECEIVED[matched]) {
        matched = NO_MATCH;
      } else if (++matched == RECEIVED.length) {
        receivedCount++;
        matched = NO_MATCH;
      }
    }
  }

  void onLineEnd() {
    if (emptyLine) {
      inHeaders = false;
    }
  }

  /** False once an empty line has ended the section. */
  boolean inHeaders() {
    return inHeaders;
  }

  int receivedCount() {
    return receivedCount;
  }
}
