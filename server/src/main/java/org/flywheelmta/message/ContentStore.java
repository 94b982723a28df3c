package org.flywheelmta.message;

import java.util.List;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.scheduler.Scheduler;

/** Reads waiting messages back, with and without their content; the spool implements it. */
@ConcurrentThreadSafe
public interface ContentStore {
  /** How many envelopes may be asked for at once. */
  int MOST_ENVELOPES = 100;

  /**
   * Reads a transaction of which a recipient still waits, envelope and content.
   *
   * @param asker where {@code completion} is called
   */
  void load(TransactionId id, Scheduler asker, Completion completion);

  /**
   * Reads the envelopes of transactions of which recipients still wait, without content. It takes
   * nothing of the budget of content.
   *
   * @param ids at most {@link #MOST_ENVELOPES}; read within the call
   * @param asker where {@code completion} is called
   */
  void envelopes(List<TransactionId> ids, Scheduler asker, EnvelopesCompletion completion);

  /** Called once, on the asking scheduler. */
  interface Completion {
    /** The transaction; one reference to the content passes to the callee. */
    void onLoaded(Envelope envelope, Content content);

    /**
     * It cannot be read.
     *
     * @param again whether a later attempt may succeed, such as when memory is short
     * @param reason one sentence for the operator and the event log
     */
    void onUnavailable(boolean again, String reason);
  }

  /** Called once, on the asking scheduler. */
  @FunctionalInterface
  interface EnvelopesCompletion {
    /** What was read, in the order of the ids. */
    void onRead(List<EnvelopeRead> envelopes);
  }

  /** What came of reading one envelope. */
  sealed interface EnvelopeRead {
    /** It was read. */
    record Whole(Envelope envelope) implements EnvelopeRead {}

    /**
     * It cannot be read.
     *
     * @param again whether a later attempt may succeed
     * @param reason one sentence for the operator and the event log
     */
    record Unavailable(boolean again, String reason) implements EnvelopeRead {}
  }
}
