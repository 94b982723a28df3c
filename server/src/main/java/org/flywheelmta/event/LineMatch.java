package org.flywheelmta.event;

import org.flywheelmta.base.TransactionId;

/** What a search looks for in a line. */
sealed interface LineMatch {
  /** The hash under which the index has it. */
  int hash();

  /** True when the event is one that is looked for. */
  boolean matches(PastEvent event);

  /** The hash of the event's transaction; -1 where it speaks of none. */
  static int transactionHash(PastEvent event) {
    return TransactionId.parse(event.text("transaction")).map(IndexKey::of).orElse(-1);
  }

  /** All events of one transaction. */
  record OfTransaction(TransactionId id) implements LineMatch {
    @Override
    public int hash() {
      return IndexKey.of(id);
    }

    @Override
    public boolean matches(PastEvent event) {
      return event.text("transaction").equals(id.toString());
    }
  }

  /** All events of one recipient. */
  record OfRecipient(String address) implements LineMatch {
    @Override
    public int hash() {
      return IndexKey.of(address);
    }

    @Override
    public boolean matches(PastEvent event) {
      return IndexKey.same(event.text("recipient"), address);
    }
  }
}
