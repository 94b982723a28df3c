package org.flywheelmta.spool;

import java.util.List;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.message.Message;

/** Takes the messages that a restart brings back; the domain floor implements it. */
@ConcurrentThreadSafe
public interface Recovered {
  /**
   * Messages that still wait, in stage committed, without their content in memory, with their
   * attempt count and due time. One reference to each passes to the callee. Called on the
   * recovery's thread.
   *
   * @return false when the callee has no room now; the same messages are offered again soon
   */
  boolean onRecovered(List<Message> messages);

  /** All messages were handed over. */
  void onRecoveryDone(long messages);
}
