package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.net.AcceptConstruct;
import org.flywheelmta.net.TlsAcceptor;
import org.flywheelmta.net.TlsMode;
import org.flywheelmta.net.TlsSettings;
import org.jspecify.annotations.Nullable;

/**
 * TLS of one session: whether it is offered, what may be said before, and its handshake (RFC 3207,
 * RFC 8314).
 */
@NonThreadSafe
final class SessionTls {
  private final AcceptConstruct construct;
  private final @Nullable TlsAcceptor acceptor;
  private boolean handshaking;

  SessionTls(AcceptConstruct construct) {
    this.construct = construct;
    this.acceptor = construct.listener().tls();
  }

  /** True when the handshake comes before the greeting. */
  boolean implicit() {
    return acceptor != null && acceptor.mode() == TlsMode.IMPLICIT;
  }

  /** True when EHLO says so: where a client may ask for it, and not again. */
  boolean offered() {
    return acceptor != null && !implicit() && construct.tls() == null;
  }

  /** True between the beginning of a handshake and its success. */
  boolean handshaking() {
    return handshaking;
  }

  /** Why a command has to wait for TLS; null when it may come now. */
  @Nullable Reply refusal(Verb verb) {
    boolean clear =
        acceptor != null && acceptor.mode() == TlsMode.REQUIRED && construct.tls() == null;
    boolean allowed =
        switch (verb) {
          // RFC 3207 section 4.
          case EHLO, STARTTLS, NOOP, QUIT -> true;
          default -> false;
        };
    return clear && !allowed ? Replies.TLS_FIRST : null;
  }

  /** What STARTTLS is answered where no handshake begins; null where one may. */
  @Nullable Reply startTlsRefusal() {
    if (acceptor == null || implicit()) {
      return Replies.NOT_OFFERED;
    }
    return construct.tls() == null ? null : Replies.TLS_ALREADY;
  }

  /** True when what stands behind STARTTLS, unasked, ends the connection. */
  boolean rejects(ByteBuf behind) {
    return acceptor != null
        && behind.isReadable()
        && acceptor.injection() == TlsSettings.Injection.REJECT;
  }

  /**
   * Begins the handshake.
   *
   * @param ready says to the client that it may begin; called first, and only where there is room
   * @return false where there are too many at once
   */
  boolean begin(Runnable ready) {
    var handshake = acceptor == null ? null : acceptor.begin();
    if (acceptor == null || handshake == null) {
      return false;
    }
    handshaking = true;
    ready.run();
    construct.secure(handshake);
    construct.deadline(acceptor.handshakeNanos());
    return true;
  }

  /** The handshake has succeeded. */
  void done() {
    handshaking = false;
  }
}
