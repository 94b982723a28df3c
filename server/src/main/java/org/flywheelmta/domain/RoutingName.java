package org.flywheelmta.domain;

import java.util.Locale;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.config.HostPort;

/**
 * The name of a domain record. A gateway's record never is the record of a recipient's domain, also
 * when both are spelled alike.
 *
 * @param host the domain, or host of the gateway, in lower case; options are looked up under it
 * @param port of the gateway; {@link #NO_PORT} for a domain
 */
@ReadOnlyThreadSafe
record RoutingName(String host, int port) {
  static final int NO_PORT = Router.NO_PORT;

  /** Where mail for {@code domain} queues under its policy. */
  static RoutingName of(String domain, DomainPolicy policy) {
    var gateway = policy.gateway();
    if (gateway == null || policy.suspendDelivery() || policy.blackhole()) {
      return new RoutingName(domain, NO_PORT);
    }
    return new RoutingName(gateway.host().toLowerCase(Locale.ROOT), gateway.port());
  }

  boolean isGateway() {
    return port != NO_PORT;
  }

  /** A number that is the same in every run, spread evenly. */
  int spread(int targets) {
    int mixed = (host.hashCode() + port) * 0x9e3779b9;
    return Math.floorMod(mixed ^ (mixed >>> 16), targets);
  }

  @Override
  public String toString() {
    return isGateway() ? new HostPort(host, port).toString() : host;
  }
}
