package org.flywheelmta.torture;

import java.time.Duration;

/**
 * What a generator is to send.
 *
 * @param sessions connections kept open at the same time
 * @param messages mails in all, over all sessions
 * @param limit how long to send at most
 * @param rate mails per second over all sessions, or 0 for as fast as they are taken
 * @param recipientsMax each mail has 1 to this many recipients
 * @param refusedShare of the recipients, 0 to 1, those whom the sink refuses for good
 * @param domains over how many domains the recipients spread
 * @param sizes of the bodies
 * @param pipelining whether MAIL, RCPT and DATA go in one write where the server offers it
 * @param replyTimeout how long to wait for a connection or a reply
 * @param seed the same seed gives the same mails
 */
public record Load(
    int sessions,
    long messages,
    Duration limit,
    double rate,
    int recipientsMax,
    double refusedShare,
    int domains,
    SizeMix sizes,
    boolean pipelining,
    Duration replyTimeout,
    long seed) {
  /** More sessions than this need more threads than a test machine has room for. */
  static final int SESSIONS_MAX = 2_000;

  /** RFC 5321, section 4.5.3.1.8: what every server must take. */
  static final int RECIPIENTS_MAX = 100;

  /** The same at another rate. */
  public Load withRate(double perSecond) {
    return new Load(
        sessions,
        messages,
        limit,
        perSecond,
        recipientsMax,
        refusedShare,
        domains,
        sizes,
        pipelining,
        replyTimeout,
        seed);
  }
}
