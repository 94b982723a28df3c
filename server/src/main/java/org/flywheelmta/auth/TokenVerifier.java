package org.flywheelmta.auth;

import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** Whoever can say whose a bearer token is (RFC 6750). */
@ConcurrentThreadSafe
public interface TokenVerifier {
  /**
   * Verifies a token, without blocking the caller.
   *
   * @param name whom the client says that the token is for; empty where it does not say
   * @param asker the scheduler that calls
   * @param answer called once, on {@code asker}; perhaps before this returns
   */
  void verify(String name, String token, Scheduler asker, Consumer<Verdict> answer);

  /** What became of a token. */
  @ReadOnlyThreadSafe
  sealed interface Verdict {
    /**
     * It is good.
     *
     * @param name of the account that it is for
     * @param roles of that account
     */
    record Good(String name, List<String> roles) implements Verdict {
      public Good {
        roles = List.copyOf(roles);
      }
    }

    /** It is not, or no longer. */
    enum Bad implements Verdict {
      BAD
    }

    /**
     * It cannot be said now.
     *
     * @param why for operators
     */
    record Failed(String why) implements Verdict {}
  }
}
