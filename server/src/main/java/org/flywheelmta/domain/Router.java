package org.flywheelmta.domain;

import java.util.function.Consumer;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** Finds out where the mail of a record goes. */
@ConcurrentThreadSafe
@FunctionalInterface
public interface Router {
  /** What stands for the port of a domain, which has none. */
  int NO_PORT = -1;

  /**
   * The route of a domain or gateway.
   *
   * @param name the recipient's domain, or host of the gateway
   * @param port the port of the gateway; {@link #NO_PORT} for mail that goes to its domain
   * @param policy the options in force for it
   * @param asker the record's scheduler, on which this is called
   * @param done called once on {@code asker}, within this call or later; not called any more once
   *     the schedulers stop
   */
  void route(String name, int port, RoutePolicy policy, Scheduler asker, Consumer<Route> done);
}
