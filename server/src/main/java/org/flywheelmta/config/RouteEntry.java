package org.flywheelmta.config;

import java.util.Optional;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * A host that mail of a domain is sent to, as an operator names it; or the domain's own MX records.
 *
 * @param preference the lesser is tried first
 * @param host a name, an IPv4 address, or an IPv6 address without its brackets; empty for the MX
 *     records of the domain
 * @param port from 1 to 65535; 0 for the usual one
 */
@ReadOnlyThreadSafe
public record RouteEntry(int preference, String host, int port) {
  /** Stands for the domain's own MX records. */
  public static final String MX = "__mx__";

  private static final int MAX_PREFERENCE = 65_535;
  private static final int USUAL_PORT = 0;

  /**
   * Reads {@code HOST}, {@code HOST:PORT} or {@code __mx__}, after a preference and a blank or not.
   */
  public static Optional<RouteEntry> parse(String text) {
    int blank = text.indexOf(' ');
    long preference = blank < 0 ? 0 : Numbers.whole(text.substring(0, blank)).orElse(-1);
    if (preference < 0 || preference > MAX_PREFERENCE) {
      return Optional.empty();
    }
    var rest = text.substring(blank + 1).strip();
    if (rest.equals(MX)) {
      return Optional.of(new RouteEntry((int) preference, "", USUAL_PORT));
    }
    var withPort = HostPort.parse(rest);
    if (withPort.isPresent()) {
      return Optional.of(
          new RouteEntry((int) preference, withPort.get().host(), withPort.get().port()));
    }
    // The port is added for the grammar of hosts alone.
    return HostPort.parse(rest + ":1")
        .map(parsed -> new RouteEntry((int) preference, parsed.host(), USUAL_PORT));
  }

  /** Whether it stands for the domain's MX records. */
  public boolean isMx() {
    return host.isEmpty();
  }

  /** As an operator writes it. */
  @Override
  public String toString() {
    var spelled = host.contains(":") ? "[" + host + "]" : host;
    return preference
        + " "
        + (isMx() ? MX : port == USUAL_PORT ? spelled : new HostPort(host, port).toString());
  }
}
