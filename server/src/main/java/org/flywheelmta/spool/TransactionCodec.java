package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Envelope;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Tag;
import org.flywheelmta.message.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The payload of a transaction record: a prefix of 32 octets, the metadata, the octets of the
 * content that are inline. What was appended as chunks comes after those.
 */
final class TransactionCodec {
  static final int PREFIX_BYTES = 32;
  static final int MAX_ADDRESS_BYTES = 0xffff;

  private static final int CHUNK_COUNT_AT = 20;

  private TransactionCodec() {}

  /**
   * What stands before the metadata.
   *
   * @param metadataBytes length of the metadata that follows
   * @param contentBytes length of the whole content
   * @param inlineBytes how much of it follows the metadata; the rest is in chunks
   * @param chunkCount how many chunks
   * @param chunksCrc CRC32C of all chunks' octets, one after another; 0 without chunks
   * @param shape what the content is like
   */
  record Prefix(
      int metadataBytes,
      long contentBytes,
      int inlineBytes,
      int chunkCount,
      int chunksCrc,
      Content.Shape shape) {
    static Prefix decode(ByteBuf from) {
      int metadataBytes = from.readInt();
      from.skipBytes(4);
      long contentBytes = from.readLong();
      int inlineBytes = from.readInt();
      int chunkCount = from.readInt();
      int chunksCrc = from.readInt();
      int shape = from.readUnsignedByte();
      from.skipBytes(3);
      return new Prefix(
          metadataBytes, contentBytes, inlineBytes, chunkCount, chunksCrc, Content.Shape.of(shape));
    }

    /** Where the inline content begins in the payload. */
    int contentAt() {
      return PREFIX_BYTES + metadataBytes;
    }
  }

  /** Prefix and metadata, without a chunk; the caller releases the buffer. */
  static ByteBuf encode(ByteBufAllocator allocator, List<Message> messages, int inlineBytes) {
    var transaction = messages.getFirst().transaction();
    int size = PREFIX_BYTES + metadataBytes(transaction, messages);
    var into = allocator.directBuffer(size, size);
    into.writeInt(size - PREFIX_BYTES);
    into.writeInt(0);
    into.writeLong(inlineBytes);
    into.writeInt(inlineBytes);
    into.writeLong(0);
    into.writeByte(transaction.shape().bits());
    into.writeZero(3);
    into.writeLong(transaction.receivedMicros());
    FieldsCodec.encode(transaction.sender(), into);
    FieldsCodec.encode(transaction.fields(), into);
    into.writeInt(messages.size());
    for (var message : messages) {
      FieldsCodec.encode(message.recipient(), into);
      FieldsCodec.encode(message.fields(), into);
    }
    return into;
  }

  private static int metadataBytes(Transaction transaction, List<Message> messages) {
    Check.that(
        transaction.recipients() == messages.size(),
        "a transaction is committed without all its recipients");
    int size = 8 + addressBytes(transaction.sender()) + FieldsCodec.size(transaction.fields()) + 4;
    for (int i = 0; i < messages.size(); i++) {
      var message = messages.get(i);
      Check.that(message.index() == i, "recipients are committed out of order");
      size += addressBytes(message.recipient()) + FieldsCodec.size(message.fields());
    }
    return size;
  }

  private static int addressBytes(Address address) {
    Check.that(address.octets().length <= MAX_ADDRESS_BYTES, "an address is too long");
    return 2 + address.octets().length;
  }

  /** Names the chunks that a transaction's record commits. */
  static void setChunks(ByteBuf payload, long contentBytes, int count, int crc) {
    payload.setLong(8, contentBytes);
    payload.setInt(CHUNK_COUNT_AT, count);
    payload.setInt(CHUNK_COUNT_AT + 4, crc);
  }

  /**
   * Everything that a transaction's record says, besides its content.
   *
   * @param payload of the record, at its beginning
   * @param amended what outcomes have changed of each recipient's fields; null for nothing
   */
  static Envelope envelope(TransactionId id, ByteBuf payload, @Nullable List<Fields> amended) {
    // A view, since each look at a counted buffer is checked: whoever has it holds it for the call.
    var from = Unpooled.wrappedBuffer(payload.nioBuffer());
    var prefix = Prefix.decode(from);
    var envelope = decode(id, prefix, from);
    if (amended == null) {
      return envelope;
    }
    var fields = new ArrayList<Fields>(amended.size());
    for (int i = 0; i < amended.size(); i++) {
      fields.add(FieldsCodec.merge(envelope.fields().get(i), amended.get(i)));
    }
    return new Envelope(envelope.transaction(), envelope.recipients(), fields);
  }

  /** Reads the metadata, which begins at the reader index. */
  static Envelope decode(TransactionId id, Prefix prefix, ByteBuf from) {
    long receivedMicros = from.readLong();
    var sender = FieldsCodec.decodeAddress(from);
    var fields = FieldsCodec.decode(from);
    int count = from.readInt();
    var addresses = new ArrayList<Address>(count);
    var each = new ArrayList<Fields>(count);
    for (int i = 0; i < count; i++) {
      addresses.add(FieldsCodec.decodeAddress(from));
      each.add(FieldsCodec.decode(from));
    }
    var transaction =
        new Transaction(
            id, receivedMicros, sender, fields, count, prefix.contentBytes(), prefix.shape());
    return new Envelope(transaction, addresses, each);
  }

  /**
   * What the accounts need of a transaction's record.
   *
   * @param recipients how many there are
   * @param settles whose outcome it is too; null where it settles nothing
   */
  record Outline(int recipients, @Nullable Settlement settles) {}

  /** The outline, without reading who the recipients are. */
  static Outline outline(ByteBuf metadata) {
    metadata.skipBytes(8);
    metadata.skipBytes(metadata.readUnsignedShort());
    int fields = metadata.readUnsignedShort();
    Settlement settles = null;
    for (int i = 0; i < fields; i++) {
      int tag = metadata.readUnsignedShort();
      int length = metadata.readInt();
      if (tag == Tag.SETTLES) {
        settles = Settlement.of(FieldsCodec.octets(metadata, length));
      } else {
        metadata.skipBytes(length);
      }
    }
    return new Outline(metadata.readInt(), settles);
  }
}
