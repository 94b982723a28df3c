package org.flywheelmta.message;

import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.scheduler.Scheduler;

/** Reads the content of a waiting message back; the spool implements it. */
@ConcurrentThreadSafe
public interface ContentStore {
  /**
   * Reads the content of a transaction of which a recipient still waits.
   *
   * @param asker where {@code completion} is called
   */
  void load(TransactionId id, Scheduler asker, Completion completion);

  /** Called once, on the asking scheduler. */
  interface Completion {
    /** The content; one reference passes to the callee. */
    void onLoaded(Content content);

    /**
     * It cannot be read.
     *
     * @param again whether a later attempt may succeed, such as when memory is short
     * @param reason one sentence for the operator and the event log
     */
    void onUnavailable(boolean again, String reason);
  }
}
