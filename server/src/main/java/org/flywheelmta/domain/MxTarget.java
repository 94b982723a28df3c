package org.flywheelmta.domain;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/** A host on its way to become an {@link MxRecord}: its addresses are being looked up. */
@NonThreadSafe
final class MxTarget {
  /** The most addresses of a host, of both families together. */
  static final int ADDRESSES_MAX = 16;

  final String host;

  /** The least of those that it was named with. */
  long preference;

  /** Whether it comes from the domain's own records, which may lead to this server. */
  final boolean mayLoop;

  private final int port;
  private final List<InetAddress> ipv4 = new ArrayList<>();
  private final List<InetAddress> ipv6 = new ArrayList<>();

  MxTarget(long preference, String host, int port, boolean mayLoop) {
    this.preference = preference;
    this.host = host;
    this.port = port;
    this.mayLoop = mayLoop;
  }

  boolean isSame(String otherHost, int otherPort) {
    return host.equals(otherHost) && port == otherPort;
  }

  /** The octets of an address, also of one in the brackets of RFC 5321 4.1.3; null for a name. */
  static byte @Nullable [] literal(String text) {
    var bare = text;
    if (text.startsWith("[") && text.endsWith("]")) {
      bare = text.substring(1, text.length() - 1);
      if (bare.regionMatches(true, 0, "ipv6:", 0, 5)) {
        bare = bare.substring(5);
      }
    }
    return NetUtil.createByteArrayFromIpAddressString(bare);
  }

  boolean isLiteral() {
    return literal(host) != null;
  }

  void addLiteral() {
    try {
      var octets = literal(host);
      Check.that(octets != null, "a name is taken for an address");
      add(InetAddress.getByAddress(octets));
    } catch (UnknownHostException e) {
      throw Check.bug("an address of neither length");
    }
  }

  void add(InetAddress address) {
    var family = address instanceof Inet6Address ? ipv6 : ipv4;
    if (family.size() < ADDRESSES_MAX && !family.contains(address)) {
      family.add(address);
    }
  }

  boolean hasAddress() {
    return !ipv4.isEmpty() || !ipv6.isEmpty();
  }

  /** Drops what never leaves this machine; true when there was such an address. */
  boolean dropLoopback() {
    boolean dropped = ipv4.removeIf(MxTarget::isLocal);
    return ipv6.removeIf(MxTarget::isLocal) || dropped;
  }

  private static boolean isLocal(InetAddress address) {
    return address.isLoopbackAddress() || address.isAnyLocalAddress();
  }

  boolean leadsTo(Ourselves ourselves) {
    return leadsTo(ourselves, ipv4) || leadsTo(ourselves, ipv6);
  }

  private boolean leadsTo(Ourselves ourselves, List<InetAddress> addresses) {
    return addresses.stream()
        .anyMatch(address -> ourselves.listeners().contains(new InetSocketAddress(address, port)));
  }

  /** The families take turns, so that one without a route costs one try. */
  MxRecord record(boolean ipv6First) {
    var addresses = new ArrayList<InetSocketAddress>();
    var first = ipv6First ? ipv6 : ipv4;
    var second = ipv6First ? ipv4 : ipv6;
    for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
      addTo(addresses, first, i);
      addTo(addresses, second, i);
    }
    return new MxRecord(preference, host, List.copyOf(addresses));
  }

  private void addTo(List<InetSocketAddress> addresses, List<InetAddress> family, int index) {
    if (index < family.size() && addresses.size() < ADDRESSES_MAX) {
      addresses.add(new InetSocketAddress(family.get(index), port));
    }
  }
}
