package org.flywheelmta.clients;

import java.util.List;

/** How the sending of one mail ended, seen from the client. */
public sealed interface Outcome {
  /**
   * 250 after the final dot: the server owes a delivery or a bounce to each recipient that it took.
   *
   * @param recipients those whose RCPT was taken
   */
  record Acknowledged(List<String> recipients) implements Outcome {}

  /**
   * The server said no at some stage, so no one may ever get the mail.
   *
   * @param text what stood behind the code, in one line
   */
  record Refused(int code, String text) implements Outcome {
    /** By a reply that says no. */
    public static Refused by(Reply reply) {
      return new Refused(reply.code(), reply.text());
    }
  }

  /**
   * The connection was lost after the final dot began to be written and before a reply was read:
   * the mail may arrive, whole, or not at all.
   *
   * @param recipients those whose RCPT was taken
   */
  record Unknown(List<String> recipients) implements Outcome {}

  /** The connection was lost before the final dot: no one may ever get the mail. */
  record Unsent() implements Outcome {}
}
