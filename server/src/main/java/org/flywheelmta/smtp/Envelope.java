package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.intake.Reception.Recipient;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.flywheelmta.message.Xtext;
import org.jspecify.annotations.Nullable;

/** The envelope of the transaction that a session is in: what MAIL and RCPT gave. */
@NonThreadSafe
final class Envelope {
  /** RFC 1870 section 4. */
  private static final int MAX_SIZE_DIGITS = 20;

  private @Nullable Address sender;
  private Fields fields = Fields.NONE;
  private final List<Recipient> recipients = new ArrayList<>(1);

  /** True between MAIL and the end of the transaction. */
  boolean begun() {
    return sender != null;
  }

  /** The sender of a transaction that has begun. */
  Address sender() {
    return sender == null ? Address.NULL : sender;
  }

  Fields fields() {
    return fields;
  }

  /** True when MAIL asked for SMTPUTF8 (RFC 6531). */
  boolean utf8() {
    return fields.has(Tag.SMTPUTF8);
  }

  List<Recipient> recipients() {
    return recipients;
  }

  void clear() {
    sender = null;
    fields = Fields.NONE;
    recipients.clear();
  }

  /**
   * Reads the arguments of MAIL in {@code [from, to)}; the transaction begins only when there is no
   * complaint and the caller calls {@link #begin}.
   *
   * @param auth whether clients can log in, and so may say AUTH
   * @return the reply that refuses it, or null
   */
  @Nullable Reply readMail(
      ByteBuf line, int from, int to, long maxMessageBytes, boolean auth, Parsed parsed) {
    int path = keyword(line, from, to, "FROM:");
    if (path < 0) {
      return Replies.BAD_MAIL_SYNTAX;
    }
    var reader = new PathReader(line, path, to);
    var address = reader.read();
    if (address == null) {
      return Replies.BAD_SENDER;
    }
    parsed.address = address;
    var refusal =
        Parameters.read(
            line,
            reader.index(),
            to,
            (keyword, value) -> mailParameter(keyword, value, maxMessageBytes, auth, parsed));
    if (refusal != null) {
      return refusal;
    }
    if (reader.beyondAscii() && !parsed.fields.has(Tag.SMTPUTF8)) {
      return Replies.SENDER_NEEDS_UTF8;
    }
    return address.isRoutable() ? null : Replies.BAD_SENDER_DOMAIN;
  }

  private static @Nullable Reply mailParameter(
      String keyword, String value, long maxMessageBytes, boolean auth, Parsed parsed) {
    return switch (keyword) {
      case "SIZE" -> {
        long size = decimal(value);
        if (size < 0) {
          yield Replies.BAD_PARAMETER;
        }
        yield size > maxMessageBytes ? Replies.TOO_LARGE : null;
      }
      case "BODY" -> {
        if (value.equalsIgnoreCase("7BIT")) {
          parsed.fields = parsed.fields.with(Tag.BODY, new byte[] {7});
        } else if (value.equalsIgnoreCase("8BITMIME")) {
          parsed.fields = parsed.fields.with(Tag.BODY, new byte[] {8});
        } else {
          yield Replies.BAD_PARAMETER;
        }
        yield null;
      }
      case "SMTPUTF8" -> {
        parsed.fields = parsed.fields.with(Tag.SMTPUTF8, new byte[0]);
        yield value.isEmpty() ? null : Replies.BAD_PARAMETER;
      }
      case "RET" -> parsed.take(DsnParameters.ret(parsed.fields, value));
      case "ENVID" -> parsed.take(DsnParameters.envid(parsed.fields, value));
      case "AUTH" -> auth ? authParameter(value) : Replies.UNKNOWN_PARAMETER;
      default -> Replies.UNKNOWN_PARAMETER;
    };
  }

  /** RFC 4954 section 5: as of any client that is not trusted with it, it says nothing. */
  private static @Nullable Reply authParameter(String value) {
    return !value.isEmpty() && Xtext.isPrintable(value) ? null : Replies.BAD_PARAMETER;
  }

  void begin(Parsed parsed) {
    sender = parsed.address;
    fields = parsed.fields;
  }

  /**
   * Reads the arguments of RCPT in {@code [from, to)}; see {@link #readMail}.
   *
   * @param hostname the domain of {@code <postmaster>} without one (RFC 5321 section 4.1.1.3)
   */
  @Nullable Reply readRcpt(ByteBuf line, int from, int to, String hostname, Parsed parsed) {
    int path = keyword(line, from, to, "TO:");
    if (path < 0) {
      return Replies.BAD_RCPT_SYNTAX;
    }
    var reader = new PathReader(line, path, to);
    var address = reader.read();
    if (address == null || address.isNull()) {
      return Replies.BAD_RECIPIENT;
    }
    parsed.address = address;
    if (reader.beyondAscii() && !utf8()) {
      return Replies.RECIPIENT_NEEDS_UTF8;
    }
    if (!address.isRoutable()) {
      return Replies.BAD_RECIPIENT_DOMAIN;
    }
    if (!address.hasDomain() && !address.toString().equalsIgnoreCase("postmaster")) {
      return Replies.BAD_RECIPIENT;
    }
    parsed.ours = !address.hasDomain();
    if (parsed.ours) {
      parsed.address = Address.of(address + "@" + hostname);
    }
    return Parameters.read(
        line,
        reader.index(),
        to,
        (keyword, value) ->
            switch (keyword) {
              case "NOTIFY" -> parsed.take(DsnParameters.notify(parsed.fields, value));
              case "ORCPT" -> parsed.take(DsnParameters.orcpt(parsed.fields, value, utf8()));
              default -> Replies.UNKNOWN_PARAMETER;
            });
  }

  /** What a command's arguments gave, until it is taken. */
  static final class Parsed {
    Address address = Address.NULL;
    Fields fields = Fields.NONE;

    /** Takes the fields that a parameter gave; the reply that refuses it where it gave none. */
    @Nullable Reply take(@Nullable Fields given) {
      if (given == null) {
        return Replies.BAD_PARAMETER;
      }
      fields = given;
      return null;
    }

    Recipient recipient() {
      return new Recipient(address, fields);
    }

    // True of the postmaster of this server, whom anybody may write to (RFC 5321 section 4.5.1).
    boolean ours;
  }

  /** The index behind {@code word} and the spaces that some clients put there; -1 without it. */
  private static int keyword(ByteBuf line, int from, int to, String word) {
    int index = from;
    for (int i = 0; i < word.length(); i++, index++) {
      if (index >= to) {
        return -1;
      }
      int octet = line.getByte(index);
      int upper = octet >= 'a' && octet <= 'z' ? octet - ('a' - 'A') : octet;
      if (upper != word.charAt(i)) {
        return -1;
      }
    }
    while (index < to && line.getByte(index) == ' ') {
      index++;
    }
    return index;
  }

  /** A number of up to 20 digits, the largest long where it is more than that; -1 for none. */
  private static long decimal(String text) {
    if (text.isEmpty() || text.length() > MAX_SIZE_DIGITS) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
    }
    return value;
  }
}
