package org.flywheelmta.net;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** How addresses of connections are written in logs, events and at the start. */
public final class PeerText {
  private PeerText() {}

  /**
   * Address and port: {@code 192.0.2.1:25}, {@code [2001:db8::1]:25} without a zone id; the name of
   * a host that was not resolved; {@code local} for what has no internet address.
   */
  public static String of(SocketAddress address) {
    if (!(address instanceof InetSocketAddress internet)) {
      return "local";
    }
    var resolved = internet.getAddress();
    var host = resolved == null ? internet.getHostString() : host(resolved);
    return host + ":" + internet.getPort();
  }

  private static String host(InetAddress address) {
    // Netty's spelling is that of RFC 5952, with the longest run of zeros left out.
    return address instanceof Inet6Address
        ? "[" + NetUtil.toAddressString(address) + "]"
        : address.getHostAddress();
  }
}
