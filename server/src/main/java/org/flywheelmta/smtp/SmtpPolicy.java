package org.flywheelmta.smtp;

import java.util.List;
import java.util.Set;
import org.flywheelmta.auth.AuthPolicy;
import org.flywheelmta.config.Cidr;

/**
 * The options in force for the sessions of one listener and peer, read once from the configuration.
 *
 * @param hostname by which the server greets and signs {@code Received}
 * @param maxMessageBytes largest mail data taken; what SIZE says
 * @param maxRecipients most recipients of one mail
 * @param maxReceptions most mails of one connection; 0 for no limit
 * @param maxReceivedHeaders most {@code Received} fields before a mail is taken to loop
 * @param maxErrors most refused commands of one connection
 * @param maxJunkCommands most commands between two mails that bring no mail nearer
 * @param idleNanos time for a client to send its next command
 * @param dataIdleNanos time for a client to send anything more of a mail
 * @param dataNanos time for a client to send a whole mail
 * @param repairLineBreaks whether a lone CR or LF becomes CRLF instead of a refusal
 * @param traceHeaders whether a {@code Received} field is put before the mail
 * @param relayHosts peers that may send to anywhere
 * @param authRequired whether a client has to log in before it sends mail
 * @param auth what may be offered to log in with
 * @param relayDomains domains, in lower case, that anyone may send to
 */
record SmtpPolicy(
    String hostname,
    long maxMessageBytes,
    int maxRecipients,
    int maxReceptions,
    int maxReceivedHeaders,
    int maxErrors,
    int maxJunkCommands,
    long idleNanos,
    long dataIdleNanos,
    long dataNanos,
    boolean repairLineBreaks,
    boolean traceHeaders,
    boolean authRequired,
    AuthPolicy auth,
    List<Cidr> relayHosts,
    Set<String> relayDomains) {

  /** True when a peer of this address may relay to anywhere. */
  boolean relaysFor(byte[] peer) {
    for (var network : relayHosts) {
      if (network.contains(peer)) {
        return true;
      }
    }
    return false;
  }
}
