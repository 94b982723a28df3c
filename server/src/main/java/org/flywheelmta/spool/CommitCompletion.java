package org.flywheelmta.spool;

import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;

/** Called once, on the scheduler that asked, when a transaction is durable or will never be. */
@SingleThreadSafe
public interface CommitCompletion {
  /** The transaction is forced to disk: a positive answer may go out. */
  void onCommitted();

  /**
   * A transaction of the same {@link DedupeKey} is forced to disk, and this one was dropped: the
   * positive answer to that one may go out once more.
   *
   * @param first the id of that one
   */
  void onDuplicate(TransactionId first);

  /**
   * It is not durable, and no positive answer may be given. After {@code SEALED} a restart may find
   * it all the same, whole: what a failed force has left on the disk is not known.
   */
  void onRefused(SpoolRefusal refusal);
}
