package org.flywheelmta.smtp;

import org.flywheelmta.domain.Outcome;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Tag;
import org.jspecify.annotations.Nullable;

/**
 * What is known before a transaction begins: mail that the other side has said it cannot take, and
 * addresses that cannot be said, fail here, and nothing is sent for them.
 */
final class ClientChecks {
  private static final byte BODY_8BITMIME = 8;

  private ClientChecks() {}

  /** The outcome that all messages of a transaction share; null when it may begin. */
  static @Nullable Outcome transaction(Message first, Content content, ClientExtensions offered) {
    var sender = first.transaction().sender();
    if (!ClientCommands.fits(sender)) {
      return failure(ClientPhase.MAIL, "5.1.7", "The sender's address cannot be sent by SMTP");
    }
    if (spelled(sender, offered) == null) {
      return failure(
          ClientPhase.MAIL,
          "5.6.7",
          "The sender's address needs SMTPUTF8, which the other side does not offer");
    }
    if (hasUtf8Header(first, content) && !offered.smtpUtf8()) {
      return failure(
          ClientPhase.MAIL,
          "5.6.9",
          "The mail's header needs SMTPUTF8, which the other side does not offer");
    }
    if (content.shape().eightBit() && !offered.eightBitMime()) {
      return failure(
          ClientPhase.MAIL,
          "5.6.3",
          "The mail needs 8BITMIME, which the other side does not offer");
    }
    long bytes = bytesAsSent(content);
    if (offered.maxBytes() > 0 && bytes > offered.maxBytes()) {
      return failure(
          ClientPhase.MAIL,
          "5.3.4",
          "The mail has " + bytes + " octets, the other side takes " + offered.maxBytes());
    }
    return null;
  }

  /** The outcome of a message whose recipient cannot be sent; null when it can. */
  static @Nullable Outcome recipient(Message message, ClientExtensions offered) {
    var address = message.recipient();
    if (address.isNull() || !ClientCommands.fits(address)) {
      return failure(ClientPhase.RCPT, "5.1.3", "The address cannot be sent by SMTP");
    }
    if (spelled(address, offered) == null) {
      return failure(
          ClientPhase.RCPT,
          "5.6.7",
          "The address needs SMTPUTF8, which the other side does not offer");
    }
    return null;
  }

  /**
   * The address as the other side takes it: as it is, or in ASCII (RFC 6531 section 3.2); null
   * where that cannot be said.
   */
  static @Nullable Address spelled(Address address, ClientExtensions offered) {
    if (offered.smtpUtf8() || !address.needsUtf8()) {
      return address;
    }
    var ascii = address.ascii();
    return ascii != null && ClientCommands.fits(ascii) ? ascii : null;
  }

  /**
   * True when the mail needs SMTPUTF8 whoever its recipients are. Octets above 127 in the header of
   * a mail that was not given as SMTPUTF8 are in no known character set: they are passed on as they
   * were taken, and say nothing (RFC 6531 section 3.4).
   */
  static boolean needsUtf8(Message first, Content content) {
    return first.transaction().sender().needsUtf8() || hasUtf8Header(first, content);
  }

  private static boolean hasUtf8Header(Message first, Content content) {
    return content.shape().eightBitHeader() && first.transaction().fields().has(Tag.SMTPUTF8);
  }

  /** True when MAIL should say BODY=8BITMIME, where that is offered. */
  static boolean saysEightBit(Message first, Content content) {
    var body = first.transaction().fields().value(Tag.BODY);
    boolean asked = body != null && body.length == 1 && body[0] == BODY_8BITMIME;
    return asked || content.shape().eightBit();
  }

  /** Octets of the mail as RFC 1870 counts them: with all line ends, without stuffing. */
  static long bytesAsSent(Content content) {
    return content.size() + (content.shape().endsWithLine() ? 0L : 2L);
  }

  private static Outcome failure(ClientPhase phase, String enhanced, String text) {
    return new PermanentFailure(new Reply(phase.word(), 0, enhanced, text));
  }
}
