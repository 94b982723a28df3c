package org.flywheelmta.event;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * How a connection was secured, as events tell it.
 *
 * @param version such as {@code TLSv1.3}
 * @param cipher the cipher suite by its registered name, such as {@code TLS_AES_128_GCM_SHA256}
 * @param group of the key exchange, such as {@code X25519MLKEM768}; empty where the engine does not
 *     say
 * @param resumed whether an earlier handshake was gone on with; false where the engine does not say
 * @param verified whom the certificate of the other side was verified to be: its subject; empty
 *     where nobody was verified
 */
@ReadOnlyThreadSafe
public record Tls(String version, String cipher, String group, boolean resumed, String verified) {}
