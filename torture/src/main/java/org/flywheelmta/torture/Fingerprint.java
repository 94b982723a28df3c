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
 * @param sha256 in 64 hexadecimal digits
 */
record Fingerprint(long bytes, String sha256) {
  /** The fields that the generator writes, in lower case. */
  private static final Set<String> AGREED =
      Set.of("from", "to", "subject", "date", "message-id", "mime-version", "content-type");

  private static final String OURS = "x-torture-";

  /** Of a whole mail with CRLF line ends, without dot stuffing. */
  static Fingerprint of(byte[] content) {
    var intake = new Intake();
    int start = 0;
    for (int i = 1; i < content.length; i++) {
      if (content[i] == '\n' && content[i - 1] == '\r') {
        intake.line(content, start, i - 1 - start);
        start = i + 1;
      }
    }
    return intake.finish();
  }

  /** Takes a mail line by line. For one thread and one mail. */
  static final class Intake {
    private static final byte[] CRLF = {'\r', '\n'};
    private static final int ID_MAX = 200;

    private final MessageDigest digest;
    private long bytes;
    private boolean inBody;
    private boolean inAgreed;
    private String id = "-";

    Intake() {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("every JDK has SHA-256", e);
      }
    }

    /** One line without its CRLF and without a stuffed dot. */
    void line(byte[] from, int offset, int length) {
      if (!inBody) {
        header(from, offset, length);
      }
      if (inBody || inAgreed) {
        digest.update(from, offset, length);
        digest.update(CRLF);
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
      if (name.equals("x-torture-id") && colon + 2 < length && length < ID_MAX) {
        id =
            new String(from, offset + colon + 2, length - colon - 2, StandardCharsets.US_ASCII)
                .replace(' ', '_');
      }
    }

    boolean inBody() {
      return inBody;
    }

    /** What X-Torture-Id says, or a hyphen. */
    String id() {
      return id;
    }

    Fingerprint finish() {
      return new Fingerprint(bytes, HexFormat.of().formatHex(digest.digest()));
    }
  }
}
