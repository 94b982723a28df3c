package org.flywheelmta.smtp;

import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.net.TlsConnector;
import org.jspecify.annotations.Nullable;

/**
 * Whether and how deliveries are secured.
 *
 * @param connector makes handshakes; null where {@code mode} is {@code NO}
 * @param fallsBack whether a handshake that failed is followed by a connection in clear, where
 *     {@code mode} is {@code IFAVAILABLE}
 * @param retryNanos for how long an address whose handshakes fail is not asked for one again
 */
@ReadOnlyThreadSafe
public record ClientTls(
    Mode mode, @Nullable TlsConnector connector, boolean fallsBack, long retryNanos) {
  /** Option {@code tls} of destinations. */
  public enum Mode {
    /** Never. */
    NO,
    /** Where the other side offers it. */
    IFAVAILABLE,
    /** No mail goes in clear. */
    REQUIRED
  }

  /** In clear. */
  static final ClientTls NEVER = new ClientTls(Mode.NO, null, false, 0);

  /** Checks what the wiring has to see to. */
  public ClientTls {
    Check.that((mode == Mode.NO) == (connector == null), "TLS of deliveries without a connector");
  }

  boolean wanted() {
    return mode != Mode.NO;
  }

  boolean required() {
    return mode == Mode.REQUIRED;
  }

  /** True when the certificate was verified for the name of a host, and is good for no other. */
  boolean isForOneHost() {
    return required() && connector != null && connector.verify() == TlsConnector.Verify.HOST;
  }
}
