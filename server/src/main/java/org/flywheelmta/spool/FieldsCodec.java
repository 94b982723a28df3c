package org.flywheelmta.spool;

import io.netty.buffer.ByteBuf;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;

/**
 * How fields and addresses stand in the spool: fields as a count (u16) and for each its tag (u16),
 * length (u32) and octets; an address as its length (u16) and octets.
 */
final class FieldsCodec {
  private FieldsCodec() {}

  static int size(Fields fields) {
    int size = 2;
    for (int i = 0; i < fields.count(); i++) {
      size += 6 + fields.valueAt(i).length;
    }
    return size;
  }

  static void encode(Fields fields, ByteBuf into) {
    into.writeShort(fields.count());
    for (int i = 0; i < fields.count(); i++) {
      var value = fields.valueAt(i);
      into.writeShort(fields.tagAt(i));
      into.writeInt(value.length);
      into.writeBytes(value);
    }
  }

  static Fields decode(ByteBuf from) {
    int count = from.readUnsignedShort();
    var fields = Fields.NONE;
    for (int i = 0; i < count; i++) {
      int tag = from.readUnsignedShort();
      fields = fields.with(tag, octets(from, from.readInt()));
    }
    return fields;
  }

  /** Fields with those of {@code later} set or replaced. */
  static Fields merge(Fields earlier, Fields later) {
    var merged = earlier;
    for (int i = 0; i < later.count(); i++) {
      merged = merged.with(later.tagAt(i), later.valueAt(i));
    }
    return merged;
  }

  static void encode(Address address, ByteBuf into) {
    into.writeShort(address.octets().length);
    into.writeBytes(address.octets());
  }

  static Address decodeAddress(ByteBuf from) {
    return Address.of(octets(from, from.readUnsignedShort()));
  }

  static byte[] octets(ByteBuf from, int count) {
    var octets = new byte[count];
    from.readBytes(octets);
    return octets;
  }
}
