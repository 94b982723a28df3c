package org.flywheelmta.event;

import org.flywheelmta.base.Admission;
import org.flywheelmta.base.ConcurrentThreadSafe;

/**
 * The log of mail events: a bounded ring and its writer. {@link Admission} is {@code REFUSING}
 * while more than half of the ring is taken, {@code PAUSED} above three quarters.
 */
@ConcurrentThreadSafe
public interface EventLog extends Admission {
  /**
   * Takes slots before something begins that cannot be undone, such as a delivery.
   *
   * @return false when the ring has no room; the caller tries again soon
   */
  boolean reserve(int slots);

  /** Gives slots back that will not be used. */
  void release(int slots);

  /** Puts an event into a slot that was reserved before. */
  void publish(MailEvent event);

  /**
   * Reserves a slot and publishes, for events that describe what was refused. Such an event may be
   * left out while the ring is full, and the log counts it.
   */
  void offer(MailEvent event);
}
