package org.flywheelmta.smtp;

import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Outcome;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.event.MailEvent.Reply;

/**
 * The dialogue of a delivery session before its first transaction: greeting, introduction, and TLS
 * (RFC 3207). It says what comes after a reply, and where TLS is required there is no way to a
 * transaction in clear.
 */
@NonThreadSafe
final class ClientOpening {
  /** What comes after a reply. */
  sealed interface Next {
    /** A phase of the opening. */
    record Enter(ClientPhase phase) implements Next {}

    /** The session takes mail. */
    record Ready() implements Next {}

    /** The session says goodbye. */
    record Leave(Outcome failure) implements Next {}

    /** The other side does not speak SMTP as we do. */
    record Unexpected() implements Next {}
  }

  private static final String NO_TLS = "4.7.4";
  private static final Next READY = new Next.Ready();
  private static final Next UNEXPECTED = new Next.Unexpected();

  private final ClientTls tls;
  private final ClientExtensions offered;
  private boolean secured;
  private boolean inClear;

  ClientOpening(ClientTls tls, ClientExtensions offered) {
    this.tls = tls;
    this.offered = offered;
  }

  /** From here on it does without TLS, on another connection. */
  void beginInClear() {
    inClear = true;
    offered.clear();
  }

  /** The handshake has succeeded: what was said in clear counts no more. */
  void secured() {
    secured = true;
    offered.clear();
  }

  /** What a reply in the given phase leads to. */
  Next onReply(ClientPhase phase, PeerReply reply) {
    if (reply.intermediate()) {
      return UNEXPECTED;
    }
    return switch (phase) {
      case BANNER -> reply.positive() ? enter(ClientPhase.EHLO) : leave(phase, reply);
      case EHLO -> onEhlo(reply);
      case HELO -> reply.positive() ? introduced() : leave(phase, reply);
      case STARTTLS -> onStartTls(reply);
      default -> UNEXPECTED;
    };
  }

  private Next onEhlo(PeerReply reply) {
    if (reply.positive()) {
      return introduced();
    }
    // Whoever has offered STARTTLS knows EHLO.
    return reply.permanent() && !secured ? enter(ClientPhase.HELO) : leave(ClientPhase.EHLO, reply);
  }

  private Next introduced() {
    if (secured || !tls.wanted() || inClear) {
      return READY;
    }
    if (offered.startTls()) {
      return enter(ClientPhase.STARTTLS);
    }
    return tls.required() ? withoutTls("the other side does not offer STARTTLS") : READY;
  }

  private Next onStartTls(PeerReply reply) {
    if (reply.positive()) {
      return enter(ClientPhase.TLS);
    }
    return tls.required() || !tls.fallsBack()
        ? withoutTls("STARTTLS was refused: " + reply.code() + " " + reply.text())
        : READY;
  }

  private static Next withoutTls(String text) {
    var reply = new Reply(ClientPhase.STARTTLS.word(), 0, NO_TLS, text);
    return new Next.Leave(new TransientFailure(reply, Scope.SESSION));
  }

  private static Next enter(ClientPhase phase) {
    return new Next.Enter(phase);
  }

  private static Next leave(ClientPhase phase, PeerReply reply) {
    return new Next.Leave(reply.outcome(phase, Scope.SESSION));
  }
}
