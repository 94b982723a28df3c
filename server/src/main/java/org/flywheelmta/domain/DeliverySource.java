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

  /**
   * One message more, asked for while the last content of a batch is on its way and its reply is
   * awaited, so that the next envelope can travel with it: in stage delivering, with its content in
   * memory. It has an outcome of its own, or is given back, like those of {@link #next}.
   *
   * @return null when there is none, or what is there had better wait; nothing has changed then
   */
  @Nullable Message ahead(DeliverySession session);

  /**
   * Takes a message back that {@link #ahead} gave and whose content was not begun, in place of an
   * outcome: it was no attempt, and {@link #next} alone gives it again.
   *
   * @param orderly whether the other side answered as it should; otherwise no message is given
   *     ahead for some time
   */
  void giveBack(DeliverySession session, Message message, boolean orderly);

  /**
   * The outcome for one message that {@link #next} or {@link #ahead} gave; exactly one for each
   * that was not given back.
   */
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
