package org.flywheelmta.dns;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DnsRecordType;
import org.jspecify.annotations.Nullable;

/**
 * Says whether a message can be decoded, in time that its length bounds. What reads messages later
 * expands each name, however often it points on; here a name has at most {@link #MOST_POINTERS}
 * pointers, each further back than where its part of the name began, so nothing goes in circles
 * (RFC 1035 section 4.1.4). Labels are such as can be written as text.
 */
final class Soundness {
  /** The most pointers that one name may follow. */
  static final int MOST_POINTERS = 32;

  private static final int HEADER = 12;
  private static final int RESPONSE = 0x8000;
  private static final int TRUNCATED = 0x0200;
  private static final int FLAGS_AT = 2;
  private static final int COUNTS_AT = 4;
  private static final int SECTIONS = 4;
  private static final int QUESTION_TAIL = 4;
  private static final int RECORD_TAIL = 10;
  private static final int POINTER = 0xc0;
  private static final int BAD = -1;

  private final ByteBuf message;
  private final int end;

  private Soundness(ByteBuf message) {
    this.message = message;
    this.end = message.writerIndex();
  }

  /** True for a response to one question, whole and with names that end. */
  static boolean isSound(ByteBuf message) {
    return isResponse(message) && new Soundness(message).isWhole();
  }

  /** True for a response that says that it was cut. */
  static boolean isTruncated(ByteBuf message) {
    return isResponse(message) && (message.getUnsignedShort(FLAGS_AT) & TRUNCATED) != 0;
  }

  /**
   * Leaves the header and the question of a message, without any record.
   *
   * @return false when there is no whole question
   */
  static boolean cutToQuestion(ByteBuf message) {
    int after = new Soundness(message).question();
    if (after == BAD) {
      return false;
    }
    for (int section = 1; section < SECTIONS; section++) {
      message.setShort(COUNTS_AT + 2 * section, 0);
    }
    message.writerIndex(after);
    return true;
  }

  /** The octets of the question of a query or response; null when there is no whole one. */
  static @Nullable ByteBuf question(ByteBuf message) {
    int after = message.readableBytes() < HEADER ? BAD : new Soundness(message).question();
    return after == BAD ? null : message.slice(HEADER, after - HEADER);
  }

  private static boolean isResponse(ByteBuf message) {
    // Pointers count from the first octet of the message, which has to be the buffer's.
    return message.readerIndex() == 0
        && message.readableBytes() >= HEADER
        && (message.getUnsignedShort(FLAGS_AT) & RESPONSE) != 0
        && message.getUnsignedShort(COUNTS_AT) == 1;
  }

  private boolean isWhole() {
    int at = question();
    for (int section = 1; section < SECTIONS && at != BAD; section++) {
      int count = message.getUnsignedShort(COUNTS_AT + 2 * section);
      for (int i = 0; i < count && at != BAD; i++) {
        at = record(at);
      }
    }
    return at == end;
  }

  /** Where the question ends. */
  private int question() {
    int at = name(HEADER, end);
    return at == BAD || at + QUESTION_TAIL > end ? BAD : at + QUESTION_TAIL;
  }

  /** Where the record that begins at {@code start} ends. */
  private int record(int start) {
    int at = name(start, end);
    if (at == BAD || at + RECORD_TAIL > end) {
      return BAD;
    }
    int type = message.getUnsignedShort(at);
    int content = at + RECORD_TAIL;
    int after = content + message.getUnsignedShort(at + RECORD_TAIL - 2);
    return after <= end && isContent(type, content, after) ? after : BAD;
  }

  /** Whether the names that a decoder expands within a record are sound. */
  private boolean isContent(int type, int content, int after) {
    boolean named =
        type == DnsRecordType.CNAME.intValue()
            || type == DnsRecordType.NS.intValue()
            || type == DnsRecordType.PTR.intValue();
    if (type == DnsRecordType.MX.intValue()) {
      return content + 2 < after && name(content + 2, after) == after;
    }
    return !named || name(content, after) == after;
  }

  /**
   * Where the name that begins at {@code start} ends, not counting what it points to.
   *
   * @param limit where what holds the name ends
   */
  private int name(int start, int limit) {
    int octets = 1;
    int pointers = 0;
    int partStart = start;
    int partEnd = limit;
    int after = BAD;
    int at = start;
    while (at < partEnd) {
      int length = message.getUnsignedByte(at);
      if (length == 0) {
        return after == BAD ? at + 1 : after;
      }
      if ((length & POINTER) == POINTER) {
        int target = at + 1 < partEnd ? message.getUnsignedShort(at) & ~(POINTER << 8) : end;
        if (target >= partStart || ++pointers > MOST_POINTERS) {
          return BAD;
        }
        after = after == BAD ? at + 2 : after;
        partStart = target;
        partEnd = end;
        at = target;
      } else {
        octets += 1 + length;
        if (length > Names.MOST_LABEL_OCTETS
            || at + 1 + length > partEnd
            || octets > Names.MOST_OCTETS
            || !isPlain(at + 1, length)) {
          return BAD;
        }
        at += 1 + length;
      }
    }
    return BAD;
  }

  private boolean isPlain(int at, int length) {
    for (int i = 0; i < length; i++) {
      if (!Names.isPlain(message.getUnsignedByte(at + i))) {
        return false;
      }
    }
    return true;
  }
}
