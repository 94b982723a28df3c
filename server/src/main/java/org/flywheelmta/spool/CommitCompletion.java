package org.flywheelmta.spool;

import org.flywheelmta.base.SingleThreadSafe;

/** Called once, on the scheduler that asked, when a transaction is durable or will never be. */
@SingleThreadSafe
public interface CommitCompletion {
  /** The transaction is forced to disk: a positive answer may go out. */
  void onCommitted();

  /**
   * It is not durable, and no positive answer may be given. After {@code SEALED} a restart may find
   * it all the same, whole: what a failed force has left on the disk is not known.
   */
  void onRefused(SpoolRefusal refusal);
}
