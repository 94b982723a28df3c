package org.flywheelmta.spool;

import org.flywheelmta.base.SingleThreadSafe;

/**
 * A record in a segment.
 *
 * @param position of its header, octets from the start of the file
 * @param payloadLength of its payload
 */
@SingleThreadSafe
record Extent(Segment segment, int position, int payloadLength) {
  /** Octets that it takes in its segment. */
  long bytes() {
    return RecordHeader.recordBytes(payloadLength);
  }
}
