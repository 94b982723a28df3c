package org.flywheelmta.auth;

import java.util.function.Consumer;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** Where accounts are known: a file, a database. It may be slow, and it may fail. */
@ConcurrentThreadSafe
public interface AccountSource {
  /**
   * Looks an account up, without blocking the caller.
   *
   * @param name prepared by {@link SaslText#name}
   * @param asker the scheduler that calls
   * @param answer called once, on {@code asker}; perhaps before this returns
   */
  void find(String name, Scheduler asker, Consumer<Found> answer);

  /** How a look-up ended. */
  @ReadOnlyThreadSafe
  sealed interface Found {
    /** It is known. */
    record Known(Account account) implements Found {}

    /** There is none of that name. */
    enum Unknown implements Found {
      UNKNOWN
    }

    /**
     * It cannot be said now.
     *
     * @param why for operators; never for clients
     */
    record Failed(String why) implements Found {}
  }
}
