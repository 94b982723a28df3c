package org.flywheelmta.dns;

import java.net.InetAddress;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** What one record says. */
@ReadOnlyThreadSafe
public sealed interface Rdata {
  /** Of an A or AAAA record; the address carries no host name. */
  record Address(InetAddress address) implements Rdata {}

  /**
   * Of an MX record (RFC 5321 section 5.1).
   *
   * @param preference the lesser is tried first
   * @param host in lower case, without a dot at the end; empty for the null MX of RFC 7505
   */
  record Exchanger(int preference, String host) implements Rdata {}

  /** Of a TXT record: its strings joined, each octet a character of ISO 8859-1. */
  record Text(String text) implements Rdata {}
}
