package org.flywheelmta.smtp;

import java.nio.charset.StandardCharsets;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Tag;
import org.flywheelmta.message.Xtext;
import org.jspecify.annotations.Nullable;

/** The ORCPT that a message is passed on with (RFC 3461 section 5.2.1). */
final class OriginalRecipient {
  private OriginalRecipient() {}

  /**
   * As it was written, or else the address by which this server was given the message; always in
   * ASCII, so that any host takes it. Null where that would be longer than a host has to take (RFC
   * 3461 section 4.2).
   */
  static byte @Nullable [] of(Message message) {
    var spelled = spelled(message);
    return spelled.length > DsnParameters.MAX_ORCPT ? null : spelled;
  }

  private static byte[] spelled(Message message) {
    var written = message.fields().value(Tag.DSN_ORCPT);
    if (written == null) {
      var address = message.recipient().toString();
      return ascii(
          message.recipient().needsUtf8()
              ? "utf-8;" + Xtext.encodeUtf8Address(address)
              : "rfc822;" + Xtext.encode(address));
    }
    for (byte octet : written) {
      if (octet < 0) {
        // Type and semicolon are ASCII, and stay as they are.
        return ascii(Xtext.escapeUtf8Address(new String(written, StandardCharsets.UTF_8)));
      }
    }
    return written;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
