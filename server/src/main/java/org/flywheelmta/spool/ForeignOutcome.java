package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.TransactionId;

/**
 * A recipient's state that stands on another volume than its transaction, since that one failed
 * before it was durable there.
 *
 * <p>The payload of its record: the LSN that it would have in the volume of its transaction (8),
 * then that of an outcome record with one entry.
 *
 * @param homeLsn what is newer there counts instead
 */
@ReadOnlyThreadSafe
record ForeignOutcome(Key key, long homeLsn, StoredOutcome state) {
  /** Of a final state that a notification's record carries: nothing can be newer. */
  static final long NEWEST = Long.MAX_VALUE >>> 1;

  /** Whose state it is. */
  record Key(TransactionId id, int recipient) {}

  private List<OutcomeCodec.Entry> entries() {
    return List.of(new OutcomeCodec.Entry(key.recipient(), state));
  }

  /** At most how long the payload is. */
  int maxBytes() {
    return Long.BYTES + OutcomeCodec.maxBytes(entries());
  }

  /** The payload; the caller releases the buffer. */
  ByteBuf encode(ByteBufAllocator allocator) {
    var outcome = OutcomeCodec.encode(allocator, entries());
    try {
      var payload = allocator.directBuffer(Long.BYTES + outcome.readableBytes());
      return payload.writeLong(homeLsn).writeBytes(outcome);
    } finally {
      outcome.release();
    }
  }

  /** What a payload says; its indexes stay. */
  static ForeignOutcome decode(TransactionId id, ByteBuf payload) {
    var from = payload.duplicate();
    long homeLsn = from.readLong();
    var entries = OutcomeCodec.decode(from);
    Check.that(entries.size() == 1, "a foreign outcome is that of one recipient");
    var entry = entries.getFirst();
    return new ForeignOutcome(new Key(id, entry.recipient()), homeLsn, entry.outcome());
  }
}
