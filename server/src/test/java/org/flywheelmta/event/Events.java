package org.flywheelmta.event;

import org.flywheelmta.base.TransactionId;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.event.MailEvent.Where;

/** Events to test with. */
final class Events {
  static final TransactionId TRANSACTION = TransactionId.of(1_795_421_820_000_000L, 5, 7);

  private Events() {}

  /** A delivery with every field set. */
  static MailEvent delivery(String sender, String text) {
    return new MailEvent(
        MailEvent.Type.DELIVERY,
        1_795_421_821_000_001L,
        TRANSACTION,
        12,
        9,
        sender,
        "b@example.org",
        2_048,
        new Where("", "example.org", "192.0.2.1:25", "default"),
        new Reply("body", 250, "2.0.0", text),
        1,
        1_500_999);
  }

  /** A rejection in which everything that may be empty is. */
  static MailEvent rejection() {
    return new MailEvent(
        MailEvent.Type.REJECTION,
        1_795_421_821_000_001L,
        null,
        -1,
        0,
        "",
        "",
        0,
        new Where("", "", "", ""),
        Reply.NONE,
        0,
        0);
  }
}
