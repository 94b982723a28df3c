package org.flywheelmta.main;

import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Content;

/** Finds out what content is like whose octets come from a file, part by part. */
@NonThreadSafe
final class ContentShape {
  private boolean dotLines;
  private boolean eightBit;
  private boolean eightBitHeader;
  private boolean inHeader = true;
  private boolean lineStart = true;
  private boolean lineEmpty = true;
  private boolean afterCr;
  private boolean loneBreak;

  /** Looks at the next octets. */
  void add(byte[] octets, int count) {
    for (int i = 0; i < count; i++) {
      add(octets[i]);
    }
  }

  private void add(byte octet) {
    if (octet < 0) {
      eightBit = true;
      eightBitHeader |= inHeader;
    }
    dotLines |= lineStart && octet == '.';
    if (octet == '\n' && afterCr) {
      inHeader &= !lineEmpty;
      lineStart = true;
      lineEmpty = true;
      afterCr = false;
      return;
    }
    loneBreak |= octet == '\n' || afterCr;
    lineEmpty &= !afterCr && octet == '\r';
    afterCr = octet == '\r';
    lineStart = false;
  }

  /** True when a CR or LF stood alone. */
  boolean loneBreak() {
    return loneBreak || afterCr;
  }

  Content.Shape shape() {
    return new Content.Shape(dotLines, eightBit, lineStart, eightBitHeader);
  }
}
