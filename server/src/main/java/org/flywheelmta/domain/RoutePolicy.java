package org.flywheelmta.domain;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.config.RouteEntry;

/**
 * The options of one domain that say how its route is found.
 *
 * @param routes {@code routes}: hosts instead of those that the MX records name; empty for none
 * @param remoteSmtpPort {@code remote_smtp_port}: the port of hosts that are given without one
 * @param allowLoopbackMx {@code allow_loopback_mx}: whether MX records may lead to this machine
 * @param preferIpv6Mxs {@code prefer_ipv6_mxs}: which family's address of a host is tried first
 */
@ReadOnlyThreadSafe
public record RoutePolicy(
    List<RouteEntry> routes, int remoteSmtpPort, boolean allowLoopbackMx, boolean preferIpv6Mxs) {
  /** The defaults. */
  public static final RoutePolicy USUAL = new RoutePolicy(List.of(), 25, false, false);
}
