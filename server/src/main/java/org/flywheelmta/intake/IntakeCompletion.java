package org.flywheelmta.intake;

import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;

/** Called once, on the session's scheduler, when a reception was decided. */
@SingleThreadSafe
public interface IntakeCompletion {
  /** It is durable: the protocol's positive answer may go out. */
  void onAccepted();

  /**
   * One of the same dedupe key is durable, and this one was dropped: the positive answer to that
   * one may go out once more.
   *
   * @param first the id of that one
   */
  void onDuplicate(TransactionId first);

  /** It was not taken, and will not appear later either. */
  void onRefused(Refusal refusal);

  /** Why a reception was not taken. */
  enum Refusal {
    /** Memory, disk or event log have no room now. */
    NO_ROOM,
    /** The disk has failed. */
    FAILED,
    /** The server is stopping. */
    STOPPING
  }
}
