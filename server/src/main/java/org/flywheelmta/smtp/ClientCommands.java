package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.flywheelmta.base.Check;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Writes commands. Each call writes exactly one line: the words are ours, numbers are numbers, and
 * an address goes out only when it is {@link #fits} for a line.
 */
final class ClientCommands {
  /** A path may have 256 octets with its brackets (RFC 5321 section 4.5.3.1.3). */
  static final int MAX_ADDRESS = 254;

  private ClientCommands() {}

  /**
   * What MAIL says beside the sender.
   *
   * @param dsn the fields of the transaction, whose RET and ENVID are passed on; those of none
   *     where the other side does not offer it
   */
  record MailParameters(boolean size, long bytes, boolean eightBit, boolean smtpUtf8, Fields dsn) {
    /** Without what DSN adds. */
    MailParameters(boolean size, long bytes, boolean eightBit, boolean smtpUtf8) {
      this(size, bytes, eightBit, smtpUtf8, Fields.NONE);
    }
  }

  static void ehlo(ByteBuf out, String hostname) {
    line(out, "EHLO ", hostname);
  }

  static void helo(ByteBuf out, String hostname) {
    line(out, "HELO ", hostname);
  }

  static void startTls(ByteBuf out) {
    ByteBufUtil.writeAscii(out, "STARTTLS");
    end(out);
  }

  static void mail(ByteBuf out, Address sender, MailParameters parameters) {
    path(out, "MAIL FROM:<", sender);
    if (parameters.size()) {
      ByteBufUtil.writeAscii(out, " SIZE=");
      ByteBufUtil.writeAscii(out, Long.toString(parameters.bytes()));
    }
    if (parameters.eightBit()) {
      ByteBufUtil.writeAscii(out, " BODY=8BITMIME");
    }
    if (parameters.smtpUtf8()) {
      ByteBufUtil.writeAscii(out, " SMTPUTF8");
    }
    asWritten(out, " RET=", parameters.dsn().value(Tag.DSN_RET));
    asWritten(out, " ENVID=", parameters.dsn().value(Tag.DSN_ENVID));
    end(out);
  }

  static void rcpt(ByteBuf out, Address recipient) {
    path(out, "RCPT TO:<", recipient);
    end(out);
  }

  /**
   * Writes RCPT to a host that offers DSN.
   *
   * @param notify as it was written; null where it was not
   * @param orcpt the recipient as the first sender gave it, ready to be sent; null to leave it out
   */
  static void rcpt(
      ByteBuf out, Address recipient, byte @Nullable [] notify, byte @Nullable [] orcpt) {
    path(out, "RCPT TO:<", recipient);
    asWritten(out, " NOTIFY=", notify);
    asWritten(out, " ORCPT=", orcpt);
    end(out);
  }

  /** A value that the session which took it has checked. */
  private static void asWritten(ByteBuf out, String words, byte @Nullable [] value) {
    if (value != null) {
      ByteBufUtil.writeAscii(out, words);
      out.writeBytes(value);
    }
  }

  static void data(ByteBuf out) {
    line(out, "DATA", "");
  }

  static void rset(ByteBuf out) {
    line(out, "RSET", "");
  }

  static void quit(ByteBuf out) {
    line(out, "QUIT", "");
  }

  private static void path(ByteBuf out, String words, Address address) {
    Check.that(fits(address), "an address that would break its line was about to be sent");
    ByteBufUtil.writeAscii(out, words);
    out.writeBytes(address.octets()).writeByte('>');
  }

  private static void line(ByteBuf out, String words, String argument) {
    ByteBufUtil.writeAscii(out, words);
    ByteBufUtil.writeAscii(out, argument);
    end(out);
  }

  private static void end(ByteBuf out) {
    out.writeByte('\r').writeByte('\n');
  }

  /**
   * True when the address can stand between angle brackets and be nothing else there: no control
   * character anywhere, no space or bracket but in quotes, and quotes that end.
   */
  static boolean fits(Address address) {
    var octets = address.octets();
    boolean quoted = false;
    boolean escaped = false;
    for (byte octet : octets) {
      if ((octet >= 0 && octet < ' ') || octet == 0x7f) {
        return false;
      }
      if (escaped) {
        escaped = false;
      } else if (octet == '"') {
        quoted = !quoted;
      } else if (quoted) {
        escaped = octet == '\\';
      } else if (octet == ' ' || octet == '<' || octet == '>') {
        return false;
      }
    }
    return !quoted && octets.length <= MAX_ADDRESS;
  }
}
