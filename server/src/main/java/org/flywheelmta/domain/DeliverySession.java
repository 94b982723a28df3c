package org.flywheelmta.domain;

import org.flywheelmta.base.NonThreadSafe;

/** One connection that delivers messages, on the scheduler of its domain record. */
@NonThreadSafe
public interface DeliverySession {
  /**
   * Tells an idle session that its source has messages again. A session that is not idle asks by
   * itself.
   */
  void wake();

  /** Asks it to finish the batch that it has, say goodbye and close. */
  void retire();
}
