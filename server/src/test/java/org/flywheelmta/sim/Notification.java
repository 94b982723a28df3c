package org.flywheelmta.sim;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * What a delivery status notification says, as far as a judge must know (RFC 3464).
 *
 * @param id its Message-ID: two of them are two notifications
 * @param recipient whom it tells of
 * @param action what became of the mail, such as {@code failed}
 */
@ReadOnlyThreadSafe
record Notification(String id, String recipient, String action) {
  /** Reads one; null where a field is missing. */
  static @Nullable Notification read(byte[] content) {
    var text = new String(content, StandardCharsets.ISO_8859_1);
    var id = field(text, "message-id: <", 0, ">");
    int status = text.indexOf("\r\nReporting-MTA: dns; ");
    if (id == null || status < 0 || !text.contains("\r\nAuto-Submitted: auto-replied\r\n")) {
      return null;
    }
    var recipient = field(text, "final-recipient: rfc822; ", status, "\r\n");
    var action = field(text, "action: ", status, "\r\n");
    return recipient == null || action == null ? null : new Notification(id, recipient, action);
  }

  private static @Nullable String field(String text, String name, int from, String end) {
    var lower = text.toLowerCase(Locale.ROOT);
    int at = lower.indexOf("\r\n" + name, from);
    int value = at + 2 + name.length();
    int to = at < 0 ? -1 : text.indexOf(end, value);
    return to < 0 ? null : text.substring(value, to);
  }
}
