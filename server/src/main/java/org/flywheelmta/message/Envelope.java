package org.flywheelmta.message;

import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;

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
}
