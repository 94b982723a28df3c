package org.flywheelmta.smtp;

import java.nio.charset.StandardCharsets;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.MailDate;

/** Makes the {@code Received} field that is put before each mail (RFC 5321 section 4.4). */
@ConcurrentThreadSafe
final class ReceivedField {
  /** A second and its text; sessions of the same second share it. */
  private record Second(long second, String text) {}

  // Any scheduler may replace it; each reads one value, which is right by itself.
  private volatile Second latest = new Second(-1, "");

  /**
   * The field with its line ends, as octets.
   *
   * @param utf8 whether the transaction uses SMTPUTF8
   * @param id of the transaction, and when it began
   */
  byte[] field(Client client, boolean utf8, TransactionId id) {
    var field =
        "Received: from "
            + client.name()
            + " ("
            + client.literal()
            + ")\r\n\tby "
            + client.policy().hostname()
            + " (Flywheel) with "
            + protocol(client, utf8)
            + " id "
            + id
            + clauses(client)
            + ";\r\n\t"
            + date(id.wallMicros())
            + "\r\n";
    return field.getBytes(StandardCharsets.US_ASCII);
  }

  /** RFC 3848, RFC 6531 section 4.3. */
  private static String protocol(Client client, boolean utf8) {
    var secured = (client.tls() == null ? "" : "S") + (client.identity() == null ? "" : "A");
    if (utf8) {
      return "UTF8SMTP" + secured;
    }
    return client.extended() ? "ESMTP" + secured : "SMTP";
  }

  /** RFC 8314 section 4.3. */
  private static String clauses(Client client) {
    var tls = client.tls();
    return tls == null ? "" : "\r\n\ttls " + tls.cipher();
  }

  private String date(long wallMicros) {
    long second = Math.floorDiv(wallMicros, 1_000_000L);
    var known = latest;
    if (known.second() != second) {
      known = new Second(second, MailDate.text(wallMicros));
      latest = known;
    }
    return known.text();
  }
}
