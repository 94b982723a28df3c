package org.flywheelmta.config;

import java.util.Optional;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * A host and a port, as an operator names them.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without its brackets
 * @param port from 1 to 65535
 */
@ReadOnlyThreadSafe
public record HostPort(String host, int port) {
  private static final int MAX_PORT = 65_535;
  private static final int MAX_HOST_LENGTH = 253;
  private static final int MAX_LABEL_LENGTH = 63;

  /** Reads {@code host:port}, {@code 192.0.2.1:port} or {@code [2001:db8::1]:port}. */
  public static Optional<HostPort> parse(String text) {
    var colon = text.lastIndexOf(':');
    if (colon < 1) {
      return Optional.empty();
    }
    var port = Numbers.whole(text.substring(colon + 1)).orElse(0);
    var host = text.substring(0, colon);
    var inBrackets = host.startsWith("[") && host.endsWith("]") && host.contains(":");
    if (inBrackets) {
      host = host.substring(1, host.length() - 1);
    }
    var good = inBrackets ? Addresses.parse(host).isPresent() : isHost(host);
    return good && port >= 1 && port <= MAX_PORT
        ? Optional.of(new HostPort(host, (int) port))
        : Optional.empty();
  }

  /** Whether the host is an address, so that no name has to be looked up. */
  public boolean isAddress() {
    return Addresses.parse(host).isPresent();
  }

  /** An IPv4 address, or a name of letters, digits, "-" and "_" that does not look like one. */
  private static boolean isHost(String host) {
    if (host.length() > MAX_HOST_LENGTH) {
      return false;
    }
    var label = 0;
    var lettersInLast = false;
    for (int i = 0; i < host.length(); i++) {
      var c = host.charAt(i);
      var letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
      if (c == '.' ? label == 0 : !letter && !(c >= '0' && c <= '9')) {
        return false;
      }
      label = c == '.' ? 0 : label + 1;
      lettersInLast = letter || (c != '.' && label > 1 && lettersInLast);
      if (label > MAX_LABEL_LENGTH) {
        return false;
      }
    }
    return lettersInLast || Addresses.parse(host).isPresent();
  }

  /** As an operator writes it. */
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
