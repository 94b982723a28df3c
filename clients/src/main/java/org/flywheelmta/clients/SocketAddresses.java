package org.flywheelmta.clients;

import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A host and a port; the host may be a name, or an IPv6 address in brackets. */
final class SocketAddresses implements ITypeConverter<InetSocketAddress> {
  @Override
  public InetSocketAddress convert(String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0) {
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        return new InetSocketAddress(text.substring(0, colon), port);
      } catch (IllegalArgumentException noPort) {
        // Falls through to the sentence below.
      }
    }
    throw new TypeConversionException("'" + text + "' is not HOST:PORT");
  }

  /** An address as it is written. */
  static String text(InetSocketAddress address) {
    var host =
        address.getAddress() == null
            ? address.getHostString()
            : address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
