package org.flywheelmta.domain;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** Where the mail of a domain record goes. */
@ReadOnlyThreadSafe
public sealed interface Route {
  /** A time that never comes. */
  long FOR_EVER = Long.MAX_VALUE;

  /** Until when it counts, on the monotonic clock, nanoseconds; {@link #FOR_EVER}. */
  long expiresNanos();

  /**
   * Hosts that take it.
   *
   * @param hosts at least one, the lesser preference first
   */
  record Hosts(List<MxRecord> hosts, long expiresNanos) implements Route {}

  /**
   * Nowhere: the outcome, transient or permanent, of all mail that wants to go there while this
   * counts.
   */
  record Nowhere(Outcome outcome, long expiresNanos) implements Route {}

  /** Nobody could say for want of room here, which says nothing of the mail: to be asked again. */
  record Later(long expiresNanos) implements Route {}
}
