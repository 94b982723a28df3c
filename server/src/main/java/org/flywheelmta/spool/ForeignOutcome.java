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
 * @param homeLsn what is newer there counts instead, unless this one is final; 0 for one that is
 */
@ReadOnlyThreadSafe
record ForeignOutcome(Key key, long homeLsn, StoredOutcome state) {
  /** Whose state it is. */
  record Key(TransactionId id, int recipient) {}

  /** The one that a notification's record carries, which is final. */
  static ForeignOutcome of(Settlement settlement) {
    Check.that(settlement.outcome().kind().isFinal(), "a state that may be older is sent away");
    var key = new Key(settlement.id(), settlement.recipient());
    return new ForeignOutcome(key, 0, settlement.outcome());
  }

  /** True when it counts before what its home volume has at that LSN, which is not final. */
  boolean isNewerThan(long lsn) {
    return state.kind().isFinal() || homeLsn > lsn;
  }

  /** True when it counts before another one of the same recipient. */
  boolean isNewerThan(ForeignOutcome other) {
    boolean isFinal = state.kind().isFinal();
    return isFinal != other.state.kind().isFinal() ? isFinal : homeLsn > other.homeLsn;
  }

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
