package org.flywheelmta.domain;

import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** A way to deliver: opens sessions to hosts. Each protocol implements one. */
@ConcurrentThreadSafe
public interface DeliveryMethod {
  /**
   * Opens a session to a host. It ends with exactly one {@link DeliverySource#onClosed}, also when
   * it never came to a connection.
   *
   * @param scheduler of the domain record; the session lives on it, and so do all calls between
   *     both
   */
  DeliverySession open(Scheduler scheduler, DeliveryTarget target, DeliverySource source);
}
