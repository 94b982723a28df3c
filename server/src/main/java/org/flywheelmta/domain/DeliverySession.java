package org.flywheelmta.domain;

import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.Tls;
import org.jspecify.annotations.Nullable;

/** One connection that delivers messages, on the scheduler of its domain record. */
@NonThreadSafe
public interface DeliverySession {
  /**
   * Tells an idle session that its source has messages again. A session that is not idle asks by
   * itself.
   *
   * @return false when it will ask no more, since it is about to close
   */
  boolean wake();

  /**
   * Gives an idle session to another source, whose messages go to the same address: from a positive
   * answer on it calls {@code source} and no other, and is woken.
   *
   * @param target where {@code source} would have a session opened
   * @return false where the options of the session are not those of {@code target}
   */
  boolean adopt(DeliveryTarget target, DeliverySource source);

  /** Asks it to finish the batch that it has, say goodbye and close. */
  void retire();

  /**
   * Ends it at once, in whatever phase: messages without an outcome get the one of a broken
   * connection, and {@link DeliverySource#onClosed} follows. Not to be called from within a call of
   * the session to its source.
   */
  void abort();

  /** Id of its connection, as events have it; 0 before there is one. */
  long connectionId();

  /** How its connection is secured; null for one in clear, and before it is ready. */
  default @Nullable Tls tls() {
    return null;
  }
}
