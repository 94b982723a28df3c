package org.flywheelmta.smtp;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;

/**
 * The options in force for one delivery session, read once from the configuration. Timeouts are
 * those of RFC 5321 section 4.5.3.2 by default.
 *
 * @param ehloHostname by which we introduce ourselves; printable ASCII
 * @param connectTimeoutNanos for the connection to come about, and then for the greeting
 * @param ehloTimeoutNanos for the reply to EHLO or HELO
 * @param mailfromTimeoutNanos for the reply to MAIL
 * @param rcpttoTimeoutNanos for the reply to each RCPT
 * @param bodyTimeoutNanos for the reply to DATA, for any progress while the content is sent, and
 *     for the reply to the end of data
 * @param rsetTimeoutNanos for the replies to RSET and QUIT
 * @param idleTimeoutNanos for how long a connection without mail is kept
 * @param maxDeliveriesPerConnection transactions with a positive end after which the connection is
 *     given up; 0 for no limit
 * @param maxRecipientsPerBatch most recipients of one transaction, at least 1
 * @param maxReplyLine longest line of a reply, octets without its CRLF; RFC 5321 says 512, some
 *     peers send more
 * @param maxReplyLines most lines of one reply
 * @param tls whether and how the connection is secured
 */
public record ClientPolicy(
    String ehloHostname,
    long connectTimeoutNanos,
    long ehloTimeoutNanos,
    long mailfromTimeoutNanos,
    long rcpttoTimeoutNanos,
    long bodyTimeoutNanos,
    long rsetTimeoutNanos,
    long idleTimeoutNanos,
    int maxDeliveriesPerConnection,
    int maxRecipientsPerBatch,
    int maxReplyLine,
    int maxReplyLines,
    ClientTls tls) {

  private static final int MAX_HOSTNAME = 255;
  private static final int SHORTEST_REPLY = 3;

  /** Checks what the configuration has checked before. */
  public ClientPolicy {
    Check.that(isName(ehloHostname), "a name for EHLO that would break its line");
    Check.that(maxRecipientsPerBatch > 0, "batches without recipients");
    Check.that(maxReplyLine > SHORTEST_REPLY && maxReplyLines > 0, "replies without room");
  }

  /** The defaults, which are Momentum's; in clear. */
  public static ClientPolicy of(String ehloHostname) {
    long phase = TimeUnit.SECONDS.toNanos(300);
    return new ClientPolicy(
        ehloHostname,
        phase,
        phase,
        phase,
        phase,
        TimeUnit.SECONDS.toNanos(600),
        TimeUnit.SECONDS.toNanos(30),
        TimeUnit.SECONDS.toNanos(5),
        0,
        100,
        2048,
        128,
        ClientTls.NEVER);
  }

  /** How long a session may stay in a phase without hearing from the peer. */
  long timeoutNanos(ClientPhase phase) {
    return switch (phase) {
      case CONNECT, BANNER -> connectTimeoutNanos;
      case EHLO, HELO, STARTTLS, TLS -> ehloTimeoutNanos;
      case IDLE -> idleTimeoutNanos;
      case MAIL -> mailfromTimeoutNanos;
      case RCPT -> rcpttoTimeoutNanos;
      case DATA, BODY, END -> bodyTimeoutNanos;
      case RSET, QUIT, CLOSING -> rsetTimeoutNanos;
    };
  }

  private static boolean isName(String text) {
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      if (octet <= ' ' || octet == 0x7f) {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= MAX_HOSTNAME;
  }
}
