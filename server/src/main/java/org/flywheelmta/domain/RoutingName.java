package org.flywheelmta.domain;

import java.util.Locale;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * The name of a domain record. A gateway's record never is the record of a recipient's domain, also
 * when both are spelled alike.
 *
 * @param name the domain, or host and port of the gateway
 * @param gateway whether it names a gateway
 */
@ReadOnlyThreadSafe
record RoutingName(String name, boolean gateway) {
  /** Where mail for {@code domain} queues under its policy. */
  static RoutingName of(String domain, DomainPolicy policy) {
    var gateway = policy.gateway();
    if (gateway == null || policy.suspendDelivery() || policy.blackhole()) {
      return new RoutingName(domain, false);
    }
    return new RoutingName(withPort(gateway, policy.remoteSmtpPort()), true);
  }

  private static String withPort(String gateway, int port) {
    var name = gateway.toLowerCase(Locale.ROOT);
    int colon = name.lastIndexOf(':');
    boolean bracketed = name.startsWith("[");
    boolean hasPort = bracketed ? name.lastIndexOf(']') < colon : colon >= 0;
    return hasPort ? name : name + ":" + port;
  }

  /** The name under which options are looked up: that of a gateway has no port and no brackets. */
  String scope() {
    if (!gateway) {
      return name;
    }
    int colon = name.lastIndexOf(':');
    var host = name.substring(0, colon);
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** The port of a gateway; -1 where there is none that makes sense. */
  int port() {
    var digits = name.substring(name.lastIndexOf(':') + 1);
    if (!gateway || digits.isEmpty() || digits.length() > 5) {
      return -1;
    }
    int port = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      port = port * 10 + digit;
    }
    return port > 0 && port <= 0xffff ? port : -1;
  }

  /** A number that is the same in every run, spread evenly. */
  int spread(int targets) {
    int mixed = name.hashCode() * 0x9e3779b9;
    return Math.floorMod(mixed ^ (mixed >>> 16), targets);
  }

  @Override
  public String toString() {
    return name;
  }
}
