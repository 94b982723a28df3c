package org.flywheelmta.spool;

import java.util.Arrays;
import java.util.List;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Fields;
import org.jspecify.annotations.Nullable;

/**
 * Where a transaction whose record is still on disk lives, and how far its recipients are. Owned
 * like the segment that it lives in.
 */
@SingleThreadSafe
final class Residence {
  /**
   * A record in a segment.
   *
   * @param position of its header, octets from the start of the file
   * @param payloadLength of its payload
   */
  record Extent(Segment segment, int position, int payloadLength) {}

  final TransactionId id;
  final Extent home;
  final List<Extent> chunks;

  // Per recipient the LSN of the record that holds its state, shifted left by one; 0 for none yet.
  // The lowest bit says that it is final.
  private final long[] states;
  private int waiting;
  private Fields @Nullable [] amended;

  Residence(TransactionId id, Extent home, List<Extent> chunks, int recipients) {
    this.id = id;
    this.home = home;
    this.chunks = chunks;
    this.states = new long[recipients];
    this.waiting = recipients;
  }

  int recipients() {
    return states.length;
  }

  /** True while any recipient waits. */
  boolean isLiving() {
    return waiting > 0;
  }

  /** True when this recipient exists and has no final state. */
  boolean isWaiting(int recipient) {
    return recipient >= 0 && recipient < states.length && (states[recipient] & 1) == 0;
  }

  /** The LSN of the record that holds a recipient's state; 0 for none. */
  long stateLsn(int recipient) {
    return states[recipient] >>> 1;
  }

  void setState(int recipient, long lsn, boolean isFinal) {
    if (isFinal && isWaiting(recipient)) {
      waiting--;
    }
    states[recipient] = (lsn << 1) | (isFinal || !isWaiting(recipient) ? 1 : 0);
  }

  /** Everything that outcomes changed about a recipient so far. */
  Fields amended(int recipient) {
    return amended == null ? Fields.NONE : amended[recipient];
  }

  /** The same of each recipient, as it is now; null where nothing was changed. */
  @Nullable List<Fields> amended() {
    return amended == null ? null : List.of(amended);
  }

  void setAmended(int recipient, Fields fields) {
    if (amended == null) {
      if (fields.count() == 0) {
        return;
      }
      amended = new Fields[states.length];
      Arrays.fill(amended, Fields.NONE);
    }
    amended[recipient] = fields;
  }
}
