package org.flywheelmta.domain;

import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Where a delivery session gets its messages and leaves their outcomes: the domain record's side of
 * a session. All calls are made on the record's scheduler.
 */
@NonThreadSafe
public interface DeliverySource {
  /**
   * The next messages that may travel in one transaction: of equal sender and content, in stage
   * delivering, with their content in memory. The references stay with the source; the session uses
   * the messages until it has reported an outcome for each.
   *
   * @return null when there is nothing to send now: the session stays idle until {@link
   *     DeliverySession#wake} or its idle timeout
   */
  @Nullable List<Message> next(DeliverySession session);

  /** The outcome for one message that {@link #next} gave; exactly one for each. */
  void onOutcome(DeliverySession session, Message message, Outcome outcome);

  /**
   * The session greeted the other side and may take messages; called before the first {@link
   * #next}.
   */
  void onReady(DeliverySession session);

  /**
   * The session is over and has reported all its outcomes.
   *
   * @param failure why it never became ready, or null when it did
   */
  void onClosed(DeliverySession session, @Nullable Outcome failure);
}
