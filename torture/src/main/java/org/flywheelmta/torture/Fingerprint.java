package org.flywheelmta.torture;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;

/**
 * What must be the same at both ends of a relay: the agreed headers and every byte of the body.
 * Headers that a relay adds, such as Received, are left out.
 *
 * @param bytes how many bytes were hashed
 * @param sha256 of the headers and the SHA-256 of the body behind them, in 64 hexadecimal digits;
 *     the body has its own, so that a body which many mails share is hashed once
 */
record Fingerprint(long bytes, String sha256) {
  /** The fields that the generator writes, in lower case. */
  private static final Set<String> AGREED =
      Set.of("from", "to", "subject", "date", "message-id", "mime-version", "content-type");

  private static final String OURS = "x-torture-";

  /** Of headers with their blank line, and a body. */
  static Fingerprint of(byte[] head, Body body) {
    var intake = new Intake();
    lines(head, intake);
    return intake.finish(body.bytes(), body.sha256());
  }

  /** Of a whole mail with CRLF line ends, without dot stuffing. */
  static Fingerprint of(byte[] content) {
    var intake = new Intake();
    lines(content, intake);
    return intake.finish();
  }

  private static void lines(byte[] content, Intake intake) {
    int start = 0;
    for (int i = 1; i < content.length; i++) {
      if (content[i] == '\n' && content[i - 1] == '\r') {
        intake.line(content, start, i - 1 - start);
        start = i + 1;
      }
    }
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** Takes a mail line by line. For one thread and one mail. */
  static final class Intake {
    private static final byte[] CRLF = {'\r', '\n'};
    private static final int VALUE_MAX = 200;

    private final MessageDigest head = digest();
    private final MessageDigest body = digest();
    private long bytes;
    private long bodyBytes;
    private boolean inBody;
    private boolean inAgreed;
    private String id = "-";
    private long dueMicros;

    /** One line without its CRLF and without a stuffed dot. */
    void line(byte[] from, int offset, int length) {
      if (inBody) {
        body.update(from, offset, length);
        body.update(CRLF);
        bodyBytes += length + CRLF.length;
        return;
      }
      header(from, offset, length);
      if (inBody || inAgreed) {
        head.update(from, offset, length);
        head.update(CRLF);
        bytes += length + CRLF.length;
      }
    }

    private void header(byte[] from, int offset, int length) {
      if (length == 0) {
        inBody = true;
        return;
      }
      if (from[offset] == ' ' || from[offset] == '\t') {
        return;
      }
      int colon = 0;
      while (colon < length && from[offset + colon] != ':') {
        colon++;
      }
      String name =
          new String(from, offset, colon, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
      inAgreed = AGREED.contains(name) || name.startsWith(OURS);
      if (name.startsWith(OURS) && colon + 2 < length && length < VALUE_MAX) {
        ours(
            name,
            new String(from, offset + colon + 2, length - colon - 2, StandardCharsets.US_ASCII));
      }
    }

    private void ours(String name, String value) {
      if (name.equals("x-torture-id")) {
        id = value.replace(' ', '_');
      } else if (name.equals("x-torture-due")) {
        try {
          dueMicros = Long.parseLong(value);
        } catch (NumberFormatException e) {
          // Changed on the way, which the fingerprint tells.
        }
      }
    }

    boolean inBody() {
      return inBody;
    }

    /** What X-Torture-Id says, or a hyphen. */
    String id() {
      return id;
    }

    /** What X-Torture-Due says: when the mail was to be offered, or 0 where it had no time. */
    long dueMicros() {
      return dueMicros;
    }

    Fingerprint finish() {
      return finish(bodyBytes, body.digest());
    }

    private Fingerprint finish(long ofBody, byte[] bodySha256) {
      head.update(bodySha256);
      return new Fingerprint(bytes + ofBody, HexFormat.of().formatHex(head.digest()));
    }
  }
}
