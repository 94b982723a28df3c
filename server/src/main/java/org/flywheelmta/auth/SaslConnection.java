package org.flywheelmta.auth;

import java.net.InetAddress;
import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * What a protocol room knows of a connection on which somebody authenticates.
 *
 * @param service the protocol, such as {@code smtp}; for the audit
 * @param listener the address that the client connected to; for the audit
 * @param peer the client's address with its port, as events have it; for the audit
 * @param address by which guesses are counted; null on a Unix socket
 * @param secure whether nobody else can read: TLS, or a Unix socket
 * @param external who the client is by its certificate or its socket; empty where nothing says so
 * @param bindings of the TLS connection; none where there is none
 * @param successText whether the protocol can send a text with its success. Where it cannot, as
 *     SMTP, the text is a last challenge, which the client answers with nothing (RFC 4422 section
 *     3.6)
 */
@ReadOnlyThreadSafe
public record SaslConnection(
    String service,
    String listener,
    String peer,
    @Nullable InetAddress address,
    boolean secure,
    String external,
    List<ChannelBinding> bindings,
    boolean successText) {
  public SaslConnection {
    bindings = List.copyOf(bindings);
  }
}
