package org.flywheelmta.dns;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Messages octet by octet, good ones and others. */
final class WireMessage {
  static final int NOERROR = 0x8180;
  static final int SERVFAIL = 0x8182;
  static final int REFUSED = 0x8185;
  static final int TRUNCATED = 0x8380;

  private static final int HEADER = 12;

  private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
  private final int[] counts = new int[4];

  private WireMessage() {}

  /** An answer to a query, so far without records. */
  static WireMessage answering(byte[] query, int flags) {
    var message = new WireMessage();
    message.number((query[0] << 8) | (query[1] & 0xff)).number(flags);
    int end = HEADER;
    while (query[end] != 0) {
      end += 1 + query[end];
    }
    message.octets.write(new byte[8], 0, 8);
    message.octets.write(query, HEADER, end + 5 - HEADER);
    message.counts[0] = 1;
    return message;
  }

  /** An answer to a question that nobody has sent. */
  static WireMessage about(String name, RecordType type) {
    var query = new WireMessage();
    query.octets.write(new byte[HEADER], 0, HEADER);
    query.octets.writeBytes(name(name));
    query.number(type.code()).number(1);
    return answering(query.octets.toByteArray(), NOERROR);
  }

  private WireMessage number(int sixteenBits) {
    octets.write(sixteenBits >> 8);
    octets.write(sixteenBits);
    return this;
  }

  /** A name without pointers. */
  static byte[] name(String name) {
    var wire = new ByteArrayOutputStream();
    for (var label : name.split("\\.", -1)) {
      if (!label.isEmpty()) {
        wire.write(label.length());
        wire.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    wire.write(0);
    return wire.toByteArray();
  }

  /** A name that is that of the question. */
  static byte[] pointer() {
    return new byte[] {(byte) 0xc0, HEADER};
  }

  /** Adds a record to section 1 (answer), 2 (authority) or 3 (additional). */
  WireMessage record(int section, byte[] owner, int type, long ttl, byte[] content) {
    counts[section]++;
    octets.writeBytes(owner);
    return number(type)
        .number(1)
        .number((int) (ttl >> 16))
        .number((int) ttl)
        .number(content.length)
        .raw(content);
  }

  /** Adds octets as they are. */
  WireMessage raw(byte... more) {
    octets.writeBytes(more);
    return this;
  }

  byte[] octets() {
    var all = octets.toByteArray();
    for (int i = 0; i < counts.length; i++) {
      all[4 + 2 * i] = (byte) (counts[i] >> 8);
      all[5 + 2 * i] = (byte) counts[i];
    }
    return all;
  }

  static byte[] joined(byte[] one, byte... other) {
    var all = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, all, one.length, other.length);
    return all;
  }
}
