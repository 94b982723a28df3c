package org.flywheelmta.torture;

import java.time.Duration;

/**
 * What the sink does wrong on purpose. Whether it strikes follows from the seed, the mail,
 * recipient or connection, and how often that one was struck already, so a share below 1 always
 * lets it through in the end.
 *
 * @param stall how long a stalled reply to the final dot waits
 * @param silence how long a silent sink keeps the connection open
 * @param slowBytesPerSecond how fast a slow body is read
 * @param awayEvery how long the port is open between two times of refusing connections; zero for
 *     always
 * @param awayFor how long it then refuses them
 * @param seed chooses whom it strikes
 */
record Misbehaviour(
    Shares shares,
    Duration stall,
    Duration silence,
    int slowBytesPerSecond,
    Duration awayEvery,
    Duration awayFor,
    long seed) {
  /**
   * Whom it strikes, each from 0 to 1.
   *
   * @param stall of the mails, those whose reply stalls
   * @param close of the mails, those after whose final dot the connection closes without reply
   * @param reset of the mails, those within whose body the connection is reset
   * @param silent of the mails, those after whose final dot nothing more comes
   * @param slow of the mails, those whose body is read slowly
   * @param deferRecipient of the RCPT commands, those answered with 450
   * @param deferMail of the mails, those answered with 451 after the final dot
   * @param rejectMail of the mails, those answered with 554 after the final dot
   * @param busy of the connections, those greeted with 421
   */
  record Shares(
      double stall,
      double close,
      double reset,
      double silent,
      double slow,
      double deferRecipient,
      double deferMail,
      double rejectMail,
      double busy) {
    static final Shares NONE = new Shares(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** A little of everything, as a relay meets it on an ordinary day. */
    static final Shares MIXED =
        new Shares(0.01, 0.002, 0.002, 0.0005, 0.002, 0.01, 0.005, 0.001, 0.005);
  }

  /** A sink that does everything right, apart from refusing the recipients marked for it. */
  static Misbehaviour none() {
    return new Misbehaviour(
        Shares.NONE, Duration.ZERO, Duration.ZERO, 1, Duration.ZERO, Duration.ZERO, 0);
  }

  boolean stalls(String id, int time) {
    return strikes("stall", shares.stall, id, time);
  }

  boolean closes(String id, int time) {
    return strikes("close", shares.close, id, time);
  }

  boolean resets(String id, int time) {
    return strikes("reset", shares.reset, id, time);
  }

  boolean fallsSilent(String id, int time) {
    return strikes("silent", shares.silent, id, time);
  }

  boolean readsSlowly(String id, int time) {
    return strikes("slow", shares.slow, id, time);
  }

  boolean defersRecipient(String recipient, int time) {
    return strikes("recipient", shares.deferRecipient, recipient, time);
  }

  boolean defersMail(String id, int time) {
    return strikes("mail", shares.deferMail, id, time);
  }

  /** For good, so it must not depend on how often the mail has come. */
  boolean rejectsMail(String id) {
    return strikes("reject", shares.rejectMail, id, 0);
  }

  boolean isBusy(long connection) {
    return strikes("busy", shares.busy, Long.toString(connection), 0);
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
