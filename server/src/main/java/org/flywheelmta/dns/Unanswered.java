package org.flywheelmta.dns;

/** Why a query ends without a message. It has no stack, since it only carries a reply. */
final class Unanswered extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Reply reply;

  private Unanswered(Reply reply) {
    super("", null, false, false);
    this.reply = reply;
  }

  static Unanswered timedOut() {
    return new Unanswered(new Reply.Silence("the server did not answer in time"));
  }

  static Unanswered malformed() {
    return new Unanswered(new Reply.Trouble("the answer is malformed"));
  }

  static Unanswered closed() {
    return new Unanswered(new Reply.Silence("the exchange was closed"));
  }

  Reply reply() {
    return reply;
  }
}
