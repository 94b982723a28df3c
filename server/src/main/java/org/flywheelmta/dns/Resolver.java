package org.flywheelmta.dns;

import java.util.function.Consumer;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** Answers questions to the domain name system. */
@ConcurrentThreadSafe
public interface Resolver {
  /**
   * Looks up, or answers from what is known.
   *
   * @param asker the scheduler that this is called on
   * @param done called once on {@code asker}, never from within this call; not called any more once
   *     the schedulers stop
   */
  void resolve(Question question, Scheduler asker, Consumer<Answer> done);
}
