package org.flywheelmta.net;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What the configuration says of TLS for one listen.
 *
 * @param listen its address as configured
 * @param certificates files with a chain each, the first for clients that name no host; at least
 *     one
 * @param keys the key of each
 * @param clientCa authorities of client certificates; empty where none are asked for
 * @param verify what becomes of a client without a good one
 * @param handshakes how many may be under way at once
 * @param handshakeNanos how long one may take
 */
@ReadOnlyThreadSafe
public record TlsSettings(
    String listen,
    TlsMode mode,
    List<Path> certificates,
    List<Path> keys,
    Optional<Path> clientCa,
    Verify verify,
    Injection injection,
    int handshakes,
    long handshakeNanos,
    TlsSuite suite) {
  /** Option {@code tls_verify_mode}. */
  public enum Verify {
    /** It goes on, and is nobody. */
    OPTIONAL,
    /** Its handshake fails. */
    REQUIRED
  }

  /** Option {@code starttls_injection_policy}. */
  public enum Injection {
    /** The connection is closed. */
    REJECT,
    /** They are dropped. */
    IGNORE
  }
}
