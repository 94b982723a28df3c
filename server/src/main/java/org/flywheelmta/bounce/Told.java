package org.flywheelmta.bounce;

import java.nio.charset.StandardCharsets;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.domain.Bounces.Action;
import org.flywheelmta.domain.Bounces.Notice;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Tag;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.spool.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What a notification tells of: a message and what became of it, without the message itself.
 *
 * @param id of the notification's transaction
 * @param hostname of this server
 * @param policy options of the recipient's domain
 * @param transaction that the message came with
 * @param recipient of the message
 * @param fields of that recipient
 * @param wallMicros when the notification was made
 */
@ReadOnlyThreadSafe
record Told(
    TransactionId id,
    String hostname,
    BouncePolicy policy,
    Transaction transaction,
    Address recipient,
    Fields fields,
    Notice notice,
    long wallMicros) {
  // RFC 5321 section 4.5.3.1.3, less the brackets.
  private static final int MAX_PATH = 254;

  static Told of(
      TransactionId id,
      String hostname,
      BouncePolicy policy,
      Message message,
      Notice notice,
      long wallMicros) {
    return new Told(
        id,
        hostname,
        policy,
        message.transaction(),
        message.recipient(),
        message.fields(),
        notice,
        wallMicros);
  }

  /**
   * Whom it is sent to: the sender, in ASCII where that can be, so that any host takes it. One
   * without a domain is this server's (RFC 5321 section 4.1.1.3).
   */
  Address sender() {
    var sender = transaction.sender();
    if (sender.domain().isEmpty()) {
      return Address.of(sender + "@" + hostname);
    }
    var ascii = sender.ascii();
    return ascii == null || ascii.octets().length > MAX_PATH ? sender : ascii;
  }

  Action action() {
    return notice.action();
  }

  StoredOutcome outcome() {
    return notice.settlement().outcome();
  }

  boolean expired() {
    return outcome().kind() == StoredOutcome.Kind.EXPIRED;
  }

  /** True when the mail was given as SMTPUTF8, so that its sender understands UTF-8. */
  boolean utf8() {
    return transaction.fields().has(Tag.SMTPUTF8);
  }

  /** A field that holds text; null where it is not set. */
  static @Nullable String text(Fields fields, int tag) {
    var value = fields.value(tag);
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }
}
