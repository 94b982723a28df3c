package org.flywheelmta.domain;

import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Message;
import org.flywheelmta.spool.StoredOutcome;

/**
 * Told when a message is done, for those who write reports about it; the bounce floor implements
 * it.
 */
@ConcurrentThreadSafe
@FunctionalInterface
public interface OutcomeListener {
  /** Nobody listens. */
  OutcomeListener NONE = (message, kind, reply) -> {};

  /**
   * Called on the record's scheduler before the spool hears of the outcome.
   *
   * @param message the reference stays with the caller; its content may have left memory
   * @param kind a final one
   * @param reply what decided
   */
  void onFinal(Message message, StoredOutcome.Kind kind, Reply reply);
}
