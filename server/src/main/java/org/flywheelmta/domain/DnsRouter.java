package org.flywheelmta.domain;

import java.util.function.Consumer;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.dns.Resolver;
import org.flywheelmta.scheduler.Scheduler;

/** Finds routes by the domain name system: MX records, and the addresses of their hosts. */
@ConcurrentThreadSafe
public final class DnsRouter implements Router {
  private final Resolver resolver;
  private final Ourselves ourselves;

  /** A router that asks {@code resolver}, and leads no mail to {@code ourselves}. */
  public DnsRouter(Resolver resolver, Ourselves ourselves) {
    this.resolver = resolver;
    this.ourselves = ourselves;
  }

  @Override
  public void route(
      String name, int port, RoutePolicy policy, Scheduler asker, Consumer<Route> done) {
    asker.check();
    new RouteFinder(resolver, ourselves, policy, asker, done).find(name, port);
  }
}
