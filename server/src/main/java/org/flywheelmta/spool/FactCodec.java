package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Envelope;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Stub;
import org.flywheelmta.message.Tag;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of {@link Facts}.
 *
 * <p>Of a transaction: length (4) and octets of what it settles, length (1) and octets of its
 * dedupe key, number of recipients (4), and for each of them flags (1: has a time before which it
 * is not due, 2: has an expiry), those times (8 each), length (2) and octets of its domain. Of an
 * outcome: number of entries (2), and for each the recipient (4), kind (1), attempts (4), due time
 * (8) and fields. Of a dedupe key: its octets. Of a compressed chunk the length of what was
 * compressed (4). Of a foreign outcome its payload. Of other records: none.
 */
final class FactCodec {
  private static final int HAS_NOT_BEFORE = 1;
  private static final int HAS_EXPIRY = 2;

  private FactCodec() {}

  /** Of a transaction that is being committed; the caller releases the buffer. */
  static ByteBuf ofMessages(List<Message> messages) {
    var shared = messages.getFirst().transaction().fields();
    var body = begin(shared, messages.size());
    for (var message : messages) {
      add(body, shared, message.fields(), message.recipient());
    }
    return body;
  }

  /** Of a transaction that was read; the caller releases the buffer. */
  static ByteBuf ofEnvelope(Envelope envelope) {
    var shared = envelope.transaction().fields();
    var body = begin(shared, envelope.recipients().size());
    for (int i = 0; i < envelope.recipients().size(); i++) {
      add(body, shared, envelope.fields().get(i), envelope.recipients().get(i));
    }
    return body;
  }

  private static ByteBuf begin(Fields shared, int recipients) {
    var settles = shared.value(Tag.SETTLES);
    int settlesBytes = settles == null ? 0 : settles.length;
    var body = SegmentFacts.HEAP.buffer(9 + settlesBytes + DedupeKey.BYTES + 32 * recipients);
    body.writeInt(settlesBytes);
    if (settles != null) {
      body.writeBytes(settles);
    }
    var key = DedupeKey.of(shared);
    body.writeByte(key == null ? 0 : DedupeKey.BYTES);
    if (key != null) {
      write(key, body);
    }
    return body.writeInt(recipients);
  }

  private static void add(ByteBuf body, Fields shared, Fields own, Address recipient) {
    var notBefore = value(shared, own, Tag.NOT_BEFORE);
    var expiry = value(shared, own, Tag.EXPIRY);
    body.writeByte((notBefore == null ? 0 : HAS_NOT_BEFORE) | (expiry == null ? 0 : HAS_EXPIRY));
    if (notBefore != null) {
      body.writeBytes(notBefore, 0, Long.BYTES);
    }
    if (expiry != null) {
      body.writeBytes(expiry, 0, Long.BYTES);
    }
    var domain = recipient.domain().getBytes(StandardCharsets.UTF_8);
    body.writeShort(domain.length);
    body.writeBytes(domain);
  }

  /** The recipient's own value, or else that of the transaction. */
  private static byte @Nullable [] value(Fields shared, Fields own, int tag) {
    var value = own.value(tag);
    return value == null ? shared.value(tag) : value;
  }

  /** What a transaction settles; null mostly. */
  static @Nullable Settlement settles(ByteBuf body) {
    int bytes = body.getInt(body.readerIndex());
    if (bytes == 0) {
      return null;
    }
    var value = new byte[bytes];
    body.getBytes(body.readerIndex() + Integer.BYTES, value);
    return Settlement.of(value);
  }

  /** Where the length of a transaction's dedupe key stands. */
  private static int keyAt(ByteBuf body) {
    return body.readerIndex() + Integer.BYTES + body.getInt(body.readerIndex());
  }

  /** The dedupe key of a transaction; null where it has none. */
  static @Nullable DedupeKey key(ByteBuf body) {
    int at = keyAt(body);
    return body.getByte(at) == 0 ? null : read(body, at + 1);
  }

  private static DedupeKey read(ByteBuf from, int at) {
    return new DedupeKey(from.getLong(at), from.getLong(at + Long.BYTES));
  }

  private static void write(DedupeKey key, ByteBuf into) {
    into.writeLong(key.high()).writeLong(key.low());
  }

  /** A record of a dedupe key alone, and its fact, are the same; the caller releases the buffer. */
  static ByteBuf ofKey(DedupeKey key) {
    var body = SegmentFacts.HEAP.buffer(DedupeKey.BYTES);
    write(key, body);
    return body;
  }

  /** What such a record says; null where it is none that this version writes. */
  static @Nullable DedupeKey ownKey(ByteBuf body) {
    return body.readableBytes() == DedupeKey.BYTES ? read(body, body.readerIndex()) : null;
  }

  /** How many recipients a transaction has. */
  static int recipients(ByteBuf body) {
    int at = keyAt(body);
    return body.getInt(at + 1 + body.getByte(at));
  }

  /** Reads a transaction's recipients one after another, as stubs. */
  static final class Recipients {
    private final TransactionId id;
    private final ByteBuf from;
    private final UnaryOperator<String> shared;
    private int index = -1;
    private long notBefore;
    private long expiry;
    private String domain = "";

    /**
     * @param shared gives the name of a domain that stubs share
     */
    Recipients(TransactionId id, ByteBuf body, UnaryOperator<String> shared) {
      this.id = id;
      this.shared = shared;
      this.from = body.duplicate();
      from.skipBytes(from.readInt());
      from.skipBytes(from.readByte());
      from.skipBytes(Integer.BYTES);
    }

    /** The stub of a recipient; they are asked for in the order of their indexes. */
    Stub stub(int recipient, int attempts, long dueMicros) {
      while (index < recipient) {
        read();
      }
      return new Stub(id, index, domain, attempts, Math.max(dueMicros, notBefore), expiry);
    }

    private void read() {
      int flags = from.readUnsignedByte();
      notBefore = (flags & HAS_NOT_BEFORE) == 0 ? 0 : from.readLong();
      expiry = (flags & HAS_EXPIRY) == 0 ? 0 : from.readLong();
      int bytes = from.readUnsignedShort();
      domain = shared.apply(from.readCharSequence(bytes, StandardCharsets.UTF_8).toString());
      index++;
    }
  }

  /** Of a compressed chunk; the caller releases the buffer. */
  static ByteBuf ofCompressed(int plainBytes) {
    return SegmentFacts.HEAP.buffer(Integer.BYTES).writeInt(plainBytes);
  }

  /** The length of what a compressed chunk holds. */
  static int plainBytes(ByteBuf body) {
    return body.getInt(body.readerIndex());
  }

  /** Of an outcome; the caller releases the buffer. */
  static ByteBuf ofOutcome(List<OutcomeCodec.Entry> entries) {
    var body = SegmentFacts.HEAP.buffer(64);
    body.writeShort(entries.size());
    for (var entry : entries) {
      var outcome = entry.outcome();
      body.writeInt(entry.recipient());
      body.writeByte(outcome.kind().code());
      body.writeInt(outcome.attempts());
      body.writeLong(outcome.dueMicros());
      FieldsCodec.encode(outcome.fields(), body);
    }
    return body;
  }

  /** How long the body of an outcome's fact is. */
  static int bytes(List<OutcomeCodec.Entry> entries) {
    int bytes = Short.BYTES;
    for (var entry : entries) {
      bytes += 17 + FieldsCodec.size(entry.outcome().fields());
    }
    return bytes;
  }

  /** The entries of an outcome, without times and replies. */
  static List<OutcomeCodec.Entry> entries(ByteBuf body) {
    var from = body.duplicate();
    int count = from.readUnsignedShort();
    var entries = new ArrayList<OutcomeCodec.Entry>(count);
    for (int i = 0; i < count; i++) {
      int recipient = from.readInt();
      var kind = OutcomeCodec.kind(from.readUnsignedByte());
      int attempts = from.readInt();
      long dueMicros = from.readLong();
      var fields = FieldsCodec.decode(from);
      entries.add(
          new OutcomeCodec.Entry(
              recipient, new StoredOutcome(kind, attempts, dueMicros, 0, "", fields)));
    }
    return entries;
  }
}
