package org.flywheelmta.spool;

import org.flywheelmta.base.SingleThreadSafe;

/** Called once, on the scheduler that asked, when a transaction is durable or will never be. */
@SingleThreadSafe
public interface CommitCompletion {
  /** The transaction is forced to disk: a positive answer may go out. */
  void onCommitted();

  /** It is not durable and will not appear after a restart either. */
  void onRefused(SpoolRefusal refusal);
}
