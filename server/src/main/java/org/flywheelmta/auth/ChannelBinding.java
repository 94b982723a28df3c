package org.flywheelmta.auth;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What is the same at both ends of one TLS connection and nowhere else (RFC 5056): {@code
 * tls-exporter} (RFC 9266) with TLS 1.3, {@code tls-server-end-point} (RFC 5929) with either.
 */
@ReadOnlyThreadSafe
public final class ChannelBinding {
  private final String type;
  private final byte[] octets;

  /**
   * @param type the name in the registry of channel bindings
   * @param octets copied
   */
  public ChannelBinding(String type, byte[] octets) {
    this.type = type;
    this.octets = octets.clone();
  }

  public String type() {
    return type;
  }

  byte[] octets() {
    return octets;
  }

  @Override
  public String toString() {
    return type;
  }
}
