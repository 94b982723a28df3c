package org.flywheelmta.net;

import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What one side offers or takes in a handshake.
 *
 * @param versions at least one
 * @param ciphers of TLS 1.2, by their registered names, the best first; those of 1.3 are all taken
 * @param groups for the key exchange, the best first; those that the engine does not know are left
 *     out, and with the JDK's engine all of them, which has its own order
 */
@ReadOnlyThreadSafe
record TlsSuite(
    TlsEngine engine, List<TlsVersion> versions, List<String> ciphers, List<String> groups) {
  /** Those of TLS 1.3 (RFC 8446 appendix B.4). */
  private static final List<String> CIPHERS_OF_1_3 =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  /** Ciphers with forward secrecy and AEAD. */
  static final List<String> STRONG =
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** What a peer that knows nothing better may have, where the choice is that or clear text. */
  static final List<String> WEAK =
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
          "TLS_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_RSA_WITH_AES_128_CBC_SHA");

  static final List<String> GROUPS = List.of("X25519MLKEM768", "X25519", "P-256", "P-384", "P-521");

  /** Tells a context what is offered or taken. */
  SslContextBuilder applyTo(SslContextBuilder builder) {
    builder.sslProvider(engine.provider());
    builder.protocols(versions.stream().map(TlsVersion::toString).toList());
    var all = new ArrayList<>(CIPHERS_OF_1_3);
    all.addAll(ciphers);
    builder.ciphers(all, SupportedCipherSuiteFilter.INSTANCE);
    if (engine == TlsEngine.BORINGSSL) {
      builder.option(OpenSslContextOption.GROUPS, groups.toArray(String[]::new));
    }
    return builder;
  }
}
