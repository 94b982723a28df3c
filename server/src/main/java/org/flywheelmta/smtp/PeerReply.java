package org.flywheelmta.smtp;

import org.flywheelmta.domain.Outcome;
import org.flywheelmta.domain.Outcome.Delivered;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.event.MailEvent;

/**
 * A whole reply of the other side (RFC 5321 section 4.2).
 *
 * @param code 200 to 599
 * @param enhanced enhanced status code (RFC 2034), or empty
 * @param text printable, lines joined by a space, without the codes, at most 512 characters
 */
record PeerReply(int code, String enhanced, String text) {
  /** The service closes the connection, whatever it was asked (RFC 5321 section 3.8). */
  static final int CLOSING = 421;

  /** 2xx. */
  boolean positive() {
    return code / 100 == 2;
  }

  /** 3xx: the other side waits for more. */
  boolean intermediate() {
    return code / 100 == 3;
  }

  /** 5xx. */
  boolean permanent() {
    return code / 100 == 5;
  }

  boolean closing() {
    return code == CLOSING;
  }

  /** The reply as events show it. */
  MailEvent.Reply at(ClientPhase phase) {
    return new MailEvent.Reply(phase.word(), code, enhanced, text);
  }

  /**
   * What a reply that ends a delivery means for it.
   *
   * @param scope of a transient failure
   */
  Outcome outcome(ClientPhase phase, Scope scope) {
    if (positive()) {
      return new Delivered(at(phase));
    }
    if (permanent()) {
      return new PermanentFailure(at(phase));
    }
    return new TransientFailure(at(phase), scope);
  }
}
