package org.flywheelmta.spool;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a message that travels in another transaction's record, as {@link Tag#SETTLES}
 * among its fields: where the one is durable, so is the other. A delivery status notification
 * settles so the message that it tells of.
 *
 * <p>In the field: the transaction's id (16 octets), then what an outcome record would hold.
 *
 * @param id the transaction of the message that is settled
 * @param recipient index of its recipient
 * @param outcome what became of it; all that it changes is in its fields
 */
@ReadOnlyThreadSafe
public record Settlement(TransactionId id, int recipient, StoredOutcome outcome) {
  private static final int ID_BYTES = 16;

  /** A transaction's fields that carry it. */
  public Fields in(Fields fields) {
    var payload = payload();
    var value = new byte[ID_BYTES + payload.length];
    var into = Unpooled.wrappedBuffer(value).clear();
    into.writeLong(id.high()).writeLong(id.low()).writeBytes(payload);
    return fields.with(Tag.SETTLES, value);
  }

  /** The payload of an outcome record that says the same. */
  byte[] payload() {
    var entries = List.of(new OutcomeCodec.Entry(recipient, outcome));
    var payload = OutcomeCodec.encode(UnpooledByteBufAllocator.DEFAULT, entries);
    try {
      return FieldsCodec.octets(payload, payload.readableBytes());
    } finally {
      payload.release();
    }
  }

  /** What the fields of a transaction carry; null where they settle nothing. */
  public static @Nullable Settlement of(Fields fields) {
    var value = fields.value(Tag.SETTLES);
    return value == null ? null : of(value);
  }

  /** What the field says. */
  static Settlement of(byte[] value) {
    var from = Unpooled.wrappedBuffer(value);
    var id = new TransactionId(from.readLong(), from.readLong());
    var entries = OutcomeCodec.decode(from);
    Check.that(entries.size() == 1, "a transaction settles one message");
    var entry = entries.getFirst();
    return new Settlement(id, entry.recipient(), entry.outcome());
  }
}
