package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Check;

/**
 * The payload of an outcome record: a count (u16) and that many entries, then four octets that are
 * zero. A transaction that settles a message carries the same; see {@link Settlement}.
 */
final class OutcomeCodec {
  /** Entries in one payload at most; the count has 16 bits. */
  static final int MAX_ENTRIES = 0xffff;

  private OutcomeCodec() {}

  /**
   * The state of one recipient.
   *
   * @param recipient index in its transaction
   */
  record Entry(int recipient, StoredOutcome outcome) {}

  /** At most how many octets the payload has. */
  static int maxBytes(List<Entry> entries) {
    int bytes = 2 + 4;
    for (var entry : entries) {
      bytes += 27 + 3 * StoredOutcome.MAX_REPLY + FieldsCodec.size(entry.outcome().fields());
    }
    return bytes;
  }

  /** One payload; the caller releases the buffer. */
  static ByteBuf encode(ByteBufAllocator allocator, List<Entry> entries) {
    Check.that(entries.size() <= MAX_ENTRIES, "an outcome record has too many entries");
    var into = allocator.directBuffer();
    into.writeShort(entries.size());
    for (var entry : entries) {
      var outcome = entry.outcome();
      var reply = cut(outcome.reply()).getBytes(StandardCharsets.UTF_8);
      into.writeInt(entry.recipient());
      into.writeByte(outcome.kind().code());
      into.writeInt(outcome.attempts());
      into.writeLong(outcome.dueMicros());
      into.writeLong(outcome.wallMicros());
      into.writeShort(reply.length);
      into.writeBytes(reply);
      FieldsCodec.encode(outcome.fields(), into);
    }
    into.writeInt(0);
    return into;
  }

  private static String cut(String reply) {
    return reply.length() <= StoredOutcome.MAX_REPLY
        ? reply
        : reply.substring(0, StoredOutcome.MAX_REPLY);
  }

  static List<Entry> decode(ByteBuf from) {
    int count = from.readUnsignedShort();
    var entries = new ArrayList<Entry>(count);
    for (int i = 0; i < count; i++) {
      int recipient = from.readInt();
      var kind = kind(from.readUnsignedByte());
      int attempts = from.readInt();
      long dueMicros = from.readLong();
      long wallMicros = from.readLong();
      var reply =
          new String(FieldsCodec.octets(from, from.readUnsignedShort()), StandardCharsets.UTF_8);
      var fields = FieldsCodec.decode(from);
      entries.add(
          new Entry(
              recipient, new StoredOutcome(kind, attempts, dueMicros, wallMicros, reply, fields)));
    }
    return entries;
  }

  static StoredOutcome.Kind kind(int code) {
    for (var kind : StoredOutcome.Kind.values()) {
      if (kind.code() == code) {
        return kind;
      }
    }
    throw new IllegalStateException("an outcome of the unknown kind " + code);
  }
}
