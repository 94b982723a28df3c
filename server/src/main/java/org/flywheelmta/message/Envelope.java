package org.flywheelmta.message;

import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * Everything about a transaction besides the bytes of its content, as the spool gives it back.
 *
 * @param recipients all of them, by index, those that are done among them
 * @param fields of each recipient, by index, with what outcomes have changed
 */
@ReadOnlyThreadSafe
public record Envelope(Transaction transaction, List<Address> recipients, List<Fields> fields) {
  public Envelope {
    Check.that(
        recipients.size() == transaction.recipients() && fields.size() == recipients.size(),
        "an envelope does not have all its recipients");
  }

  /**
   * The message of one recipient, in stage queued.
   *
   * @param content one reference passes to the message; null to leave it in the spool
   */
  public Message message(int index, @Nullable Content content) {
    return new Message(
        transaction,
        index,
        recipients.get(index),
        fields.get(index),
        Message.Stage.QUEUED,
        content);
  }
}
