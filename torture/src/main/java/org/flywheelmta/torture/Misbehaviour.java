package org.flywheelmta.torture;

import java.time.Duration;

/**
 * What the sink does wrong on purpose. A share is of 0 to 1; whether it strikes follows from the
 * seed, the mail or recipient, and how often that one has come, so a share below 1 always lets it
 * through in the end.
 *
 * @param stall how long a stalled reply to the final dot waits
 * @param stallShare of the mails, those whose reply stalls
 * @param closeShare of the mails, those after whose final dot the connection closes without reply
 * @param resetShare of the mails, those within whose body the connection is reset
 * @param deferRecipientShare of the RCPT commands, those answered with 450
 * @param deferMailShare of the mails, those answered with 451 after the final dot
 * @param awayEvery how long the port is open between two times of refusing connections; zero for
 *     always
 * @param awayFor how long it then refuses them
 * @param seed chooses whom it strikes
 */
record Misbehaviour(
    Duration stall,
    double stallShare,
    double closeShare,
    double resetShare,
    double deferRecipientShare,
    double deferMailShare,
    Duration awayEvery,
    Duration awayFor,
    long seed) {
  /** A sink that does everything right, apart from refusing the recipients marked for it. */
  static Misbehaviour none() {
    return new Misbehaviour(Duration.ZERO, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, 0);
  }

  boolean stalls(String id, int time) {
    return strikes("stall", stallShare, id, time);
  }

  boolean closes(String id, int time) {
    return strikes("close", closeShare, id, time);
  }

  boolean resets(String id, int time) {
    return strikes("reset", resetShare, id, time);
  }

  boolean defersRecipient(String recipient, int time) {
    return strikes("recipient", deferRecipientShare, recipient, time);
  }

  boolean defersMail(String id, int time) {
    return strikes("mail", deferMailShare, id, time);
  }

  /** Whether anything depends on how often a mail has come. */
  boolean counts() {
    return stallShare + closeShare + resetShare + deferRecipientShare + deferMailShare > 0;
  }

  private boolean strikes(String kind, double share, String whom, int time) {
    if (share <= 0) {
      return false;
    }
    long mixed = seed;
    for (char c : (kind + ' ' + whom + ' ' + time).toCharArray()) {
      mixed = (mixed ^ c) * 0x100000001B3L;
    }
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    return (mixed >>> 11) * 0x1.0p-53 < share;
  }
}
