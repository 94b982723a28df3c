package org.flywheelmta.spool;

/** Called once, on the scheduler that asked, when a transaction is durable or will never be. */
public interface CommitCompletion {
  /** The transaction is forced to disk: a positive answer may go out. */
  void onCommitted();

  /**
   * It is not durable. After {@code FULL} and {@code STOPPING} it will not appear after a restart
   * either; after {@code SEALED} nobody knows what a failed disk kept, and it may appear, whole.
   */
  void onRefused(SpoolRefusal refusal);
}
