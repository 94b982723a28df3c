package org.flywheelmta.main;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.flywheelmta.domain.Ourselves;

/** The addresses at which this server takes mail, so that none goes round in it. */
final class OurAddresses {
  private OurAddresses() {}

  /**
   * What mail must not be led to.
   *
   * @param interfaces what stands for any address
   */
  static Ourselves ourselves(
      String hostname, List<Server.Bound> bound, List<InetAddress> interfaces) {
    var listeners = new LinkedHashSet<InetSocketAddress>();
    for (var one : bound) {
      if (one.address() instanceof InetSocketAddress address) {
        if (address.getAddress().isAnyLocalAddress()) {
          interfaces.forEach(face -> listeners.add(new InetSocketAddress(face, address.getPort())));
        } else {
          listeners.add(address);
        }
      }
    }
    return new Ourselves(
        Set.of(hostname.toLowerCase(Locale.ROOT)), Collections.unmodifiableSet(listeners));
  }
}
