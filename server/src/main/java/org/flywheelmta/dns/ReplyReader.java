package org.flywheelmta.dns;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a decoded message says about a question. It takes over no reference. */
final class ReplyReader {
  /** How many data of one answer count, and how many aliases; what comes after them is left out. */
  static final int MOST_RECORDS = 64;

  private static final Reply MALFORMED = new Reply.Trouble("the answer is malformed");
  private static final Reply CUT = new Reply.Trouble("the answer was cut off");
  private static final Reply ELSEWHERE = new Reply.Trouble("the server only refers to others");

  /** Two names of one octet each, and five numbers of 32 bits (RFC 1035 section 3.3.13). */
  private static final int LEAST_SOA_OCTETS = 22;

  private ReplyReader() {}

  /** What the response says; a message that cannot be read is {@link Reply.Trouble}. */
  static Reply read(DnsResponse response, Question question) {
    if (response.isTruncated()) {
      return CUT;
    }
    boolean exists = response.code().equals(DnsResponseCode.NOERROR);
    if (!exists && !response.code().equals(DnsResponseCode.NXDOMAIN)) {
      return new Reply.Trouble("the server answers " + code(response.code()));
    }
    var answers = answers(response, question);
    if (answers == null) {
      return MALFORMED;
    }
    long negative = negativeSeconds(response);
    if (exists && answers.isEmpty() && negative == Reply.NO_SOA && refers(response)) {
      return ELSEWHERE;
    }
    return new Reply.Told(exists, answers, negative);
  }

  /** What a code is called (RFC 1035 section 4.1.1). */
  private static String code(DnsResponseCode code) {
    return switch (code.intValue()) {
      case 1 -> "FORMERR";
      case 2 -> "SERVFAIL";
      case 4 -> "NOTIMP";
      case 5 -> "REFUSED";
      default -> "with code " + code.intValue();
    };
  }

  private static @Nullable List<Reply.Resource> answers(DnsResponse response, Question question) {
    var answers = new ArrayList<Reply.Resource>();
    int aliases = 0;
    int data = 0;
    for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
      if (!(response.recordAt(DnsSection.ANSWER, i) instanceof DnsRawRecord record)
          || record.dnsClass() != DnsRecord.CLASS_IN) {
        continue;
      }
      int type = record.type().intValue();
      Reply.Resource resource;
      if (type == DnsRecordType.CNAME.intValue() && aliases < MOST_RECORDS) {
        aliases++;
        resource = alias(record);
      } else if (type == question.type().code() && data < MOST_RECORDS) {
        data++;
        resource = said(record, question.type());
      } else {
        continue;
      }
      if (resource == null) {
        return null;
      }
      answers.add(resource);
    }
    return answers;
  }

  private static Reply.@Nullable Resource alias(DnsRawRecord record) {
    var target = Names.read(record.content().duplicate());
    return target == null
        ? null
        : new Reply.Alias(Names.plain(record.name()), seconds(record.timeToLive()), target);
  }

  private static Reply.@Nullable Resource said(DnsRawRecord record, RecordType type) {
    var content = record.content().duplicate();
    var data =
        switch (type) {
          case A -> address(content, 4);
          case AAAA -> address(content, 16);
          case MX -> exchanger(content);
          case TXT -> text(content);
        };
    return data == null
        ? null
        : new Reply.Said(Names.plain(record.name()), seconds(record.timeToLive()), data);
  }

  private static @Nullable Rdata address(ByteBuf content, int octets) {
    if (content.readableBytes() != octets) {
      return null;
    }
    var address = new byte[octets];
    content.readBytes(address);
    try {
      return new Rdata.Address(InetAddress.getByAddress(address));
    } catch (UnknownHostException wrongLength) {
      return null;
    }
  }

  private static @Nullable Rdata exchanger(ByteBuf content) {
    if (content.readableBytes() < 3) {
      return null;
    }
    int preference = content.readUnsignedShort();
    var host = Names.read(content);
    return host == null ? null : new Rdata.Exchanger(preference, host);
  }

  private static @Nullable Rdata text(ByteBuf content) {
    // Each string has at least the octet of its length (RFC 1035 section 3.3.14).
    if (!content.isReadable()) {
      return null;
    }
    var text = new StringBuilder(content.readableBytes());
    while (content.isReadable()) {
      int length = content.readUnsignedByte();
      if (length > content.readableBytes()) {
        return null;
      }
      text.append(content.readCharSequence(length, StandardCharsets.ISO_8859_1));
    }
    return new Rdata.Text(text.toString());
  }

  private static long negativeSeconds(DnsResponse response) {
    for (int i = 0; i < response.count(DnsSection.AUTHORITY); i++) {
      if (response.recordAt(DnsSection.AUTHORITY, i) instanceof DnsRawRecord record
          && record.type().equals(DnsRecordType.SOA)
          && record.content().readableBytes() >= LEAST_SOA_OCTETS) {
        // The minimum is the last of its fields, whatever the names before it are.
        var content = record.content();
        long minimum = content.getUnsignedInt(content.writerIndex() - 4);
        return Math.min(seconds(record.timeToLive()), seconds(minimum));
      }
    }
    return Reply.NO_SOA;
  }

  private static boolean refers(DnsResponse response) {
    for (int i = 0; i < response.count(DnsSection.AUTHORITY); i++) {
      if (response.recordAt(DnsSection.AUTHORITY, i).type().equals(DnsRecordType.NS)) {
        return true;
      }
    }
    return false;
  }

  /** A TTL with its first bit set counts as 0 (RFC 2181 section 8). */
  private static long seconds(long ttl) {
    return ttl > Integer.MAX_VALUE || ttl < 0 ? 0 : ttl;
  }
}
