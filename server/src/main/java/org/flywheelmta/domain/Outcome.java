package org.flywheelmta.domain;

import org.flywheelmta.event.MailEvent.Reply;

/** How one attempt to deliver one message ended. */
public sealed interface Outcome {
  /** The reply, or what stands in for one, that decided. */
  Reply reply();

  /**
   * The other side has it.
   *
   * @param tells whether it will tell the sender of what becomes of it, where that is asked for
   *     (RFC 3461 section 5.2.2)
   */
  record Delivered(Reply reply, boolean tells) implements Outcome {
    /** Of the usual kind. */
    public Delivered(Reply reply) {
      this(reply, true);
    }
  }

  /**
   * It is to be tried again.
   *
   * @param scope how far the failure reaches
   */
  record TransientFailure(Reply reply, Scope scope) implements Outcome {}

  /** It is never to be tried again. */
  record PermanentFailure(Reply reply) implements Outcome {}

  /**
   * The end of data was sent and no reply came: the other side may have it (RFC 1047). Treated as
   * transient.
   */
  record Unknown(Reply reply) implements Outcome {}

  /** How far a transient failure reaches. */
  enum Scope {
    /** This message alone; the session goes on. */
    MESSAGE,
    /** This session; others may do better. */
    SESSION,
    /** The host or domain as a whole. */
    DOMAIN
  }
}
