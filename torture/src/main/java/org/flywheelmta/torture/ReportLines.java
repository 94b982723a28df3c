package org.flywheelmta.torture;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads of a delivery status notification (RFC 3464) whom it tells that a mail failed for. For one
 * thread and one mail.
 */
final class ReportLines {
  private static final int LINE_MAX = 600;
  private static final String MESSAGE_ID = "message-id: <";
  private static final String FINAL_RECIPIENT = "final-recipient: rfc822;";
  private static final String ACTION = "action: ";

  private final List<String> failed = new ArrayList<>();
  private String id = "";
  private String recipient = "";

  /** One line without its CRLF and without a stuffed dot. */
  void line(byte[] from, int offset, int length) {
    if (length == 0 || length > LINE_MAX) {
      return;
    }
    char first = Character.toLowerCase((char) from[offset]);
    if (first != 'm' && first != 'f' && first != 'a') {
      return;
    }
    var line = new String(from, offset, length, StandardCharsets.ISO_8859_1);
    var lower = line.toLowerCase(Locale.ROOT);
    if (id.isEmpty() && lower.startsWith(MESSAGE_ID) && line.endsWith(">")) {
      id = word(line.substring(MESSAGE_ID.length(), line.length() - 1));
    } else if (lower.startsWith(FINAL_RECIPIENT)) {
      recipient = word(line.substring(FINAL_RECIPIENT.length()).strip());
    } else if (lower.startsWith(ACTION) && lower.contains("failed") && !recipient.isEmpty()) {
      failed.add(recipient);
      recipient = "";
    }
  }

  /** Made fit for a line of words. */
  private static String word(String text) {
    return text.replace(' ', '_').replace(',', '_');
  }

  /** Whether it tells of a failure. */
  boolean tells() {
    return !id.isEmpty() && !failed.isEmpty();
  }

  String id() {
    return id;
  }

  List<String> recipients() {
    return List.copyOf(failed);
  }
}
