package org.flywheelmta.spool;

import org.flywheelmta.base.SingleThreadSafe;

/**
 * A record in a segment.
 *
 * @param position of its header, octets from the start of the file
 * @param payloadLength of its payload
 * @param plainBytes of a compressed chunk, how many octets of the content it holds; 0 of all others
 */
@SingleThreadSafe
record Extent(Segment segment, int position, int payloadLength, int plainBytes) {
  /** A record that is not compressed. */
  Extent(Segment segment, int position, int payloadLength) {
    this(segment, position, payloadLength, 0);
  }

  /** Octets that it takes in its segment. */
  long bytes() {
    return RecordHeader.recordBytes(payloadLength);
  }

  boolean isCompressed() {
    return plainBytes > 0;
  }

  /** How many octets of the content a chunk holds. */
  int contentBytes() {
    return isCompressed() ? plainBytes : payloadLength - OpenChunks.PREFIX_BYTES;
  }

  /** The same record, repeated there. */
  Extent movedTo(Segment target, int at) {
    return new Extent(target, at, payloadLength, plainBytes);
  }
}
