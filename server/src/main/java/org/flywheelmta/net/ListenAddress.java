package org.flywheelmta.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** The address of a listen stanza: an IPv4 address or an IPv6 address in brackets, and a port. */
public final class ListenAddress {
  private static final int MAX_PORT = 65_535;
  private static final int MAX_PORT_DIGITS = 5;

  private ListenAddress() {}

  /** The address; null when {@code text} is none. Port 0 lets the system choose. */
  public static @Nullable InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      return null;
    }
    int port = port(text.substring(colon + 1));
    var host = text.substring(0, colon);
    boolean brackets = host.startsWith("[") && host.endsWith("]");
    if (brackets) {
      host = host.substring(1, host.length() - 1);
    }
    var octets = NetUtil.createByteArrayFromIpAddressString(host);
    if (octets == null || port < 0 || brackets != host.contains(":")) {
      return null;
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(octets), port);
    } catch (UnknownHostException wrongLength) {
      return null;
    }
  }

  private static int port(String text) {
    if (text.isEmpty() || text.length() > MAX_PORT_DIGITS) {
      return -1;
    }
    int port = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      port = port * 10 + digit;
    }
    return port <= MAX_PORT ? port : -1;
  }
}
