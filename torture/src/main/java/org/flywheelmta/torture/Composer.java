package org.flywheelmta.torture;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Writes mails that are hard on a relay: lines of dots, lines of 998 bytes, empty lines, blanks at
 * the end, text that looks like SMTP or like headers, and bytes above 127 where they are allowed.
 * The same seed and number give the same mail. Any thread may compose.
 */
final class Composer {
  /** RFC 5321, section 4.5.3.1.6: 1000 bytes with CRLF. */
  private static final int LINE_MAX = 998;

  private static final int CRLF_BYTES = 2;

  /** One mail in four has 8-bit bytes where the server takes them. */
  private static final int EIGHT_BIT_ODDS = 4;

  private static final String[] TRAPS = {
    ".",
    "..",
    ". ",
    ".QUIT",
    "...... dots",
    "",
    "QUIT",
    "RSET",
    "DATA",
    "MAIL FROM:<intruder@torture.test>",
    "RCPT TO:<victim@torture.test>",
    "BDAT 4 LAST",
    "250 2.0.0 Ok",
    "From the start of a line",
    "Received: from nowhere by nobody; Thu, 1 Jan 1970 00:00:00 +0000",
    "X-Torture-Id: forged-1",
    "   ",
    "blanks at the end   ",
    "\ttab",
    "--boundary--",
  };

  private final Load load;

  Composer(Load load) {
    this.load = load;
  }

  /** The mail with this number; {@code eightBitOffered} says whether the server takes 8BITMIME. */
  Mail compose(long number, boolean eightBitOffered) {
    var random = new SplittableRandom(load.seed() * 0x9E3779B97F4A7C15L + number);
    String id = "s" + Long.toHexString(load.seed()) + '-' + number;
    var recipients = new ArrayList<String>();
    int count = 1 + random.nextInt(load.recipientsMax());
    for (int i = 0; i < count; i++) {
      boolean refused = random.nextDouble() < load.refusedShare();
      recipients.add(Address.recipient(id, i, refused, random.nextInt(load.domains())));
    }
    boolean eightBit = random.nextInt(EIGHT_BIT_ODDS) == 0 && eightBitOffered;
    var out = new ByteArrayOutputStream();
    headers(out, id, recipients, eightBit);
    body(out, random, load.sizes().draw(random), eightBit);
    byte[] content = out.toByteArray();
    return new Mail(id, List.copyOf(recipients), content, eightBit, Fingerprint.of(content));
  }

  private static void headers(
      ByteArrayOutputStream out, String id, List<String> recipients, boolean eightBit) {
    line(out, "From: Torture <" + Address.sender(id) + '>');
    line(out, "To: " + String.join(",\r\n\t", recipients));
    line(out, "Subject: torture " + id);
    line(out, "Date: Thu, 1 Jan 2026 00:00:00 +0000");
    line(out, "Message-ID: <" + id + "@torture.test>");
    line(out, "MIME-Version: 1.0");
    line(out, "Content-Type: text/plain; charset=" + (eightBit ? "iso-8859-1" : "us-ascii"));
    line(out, "X-Torture-Id: " + id);
    line(out, "");
  }

  /** Exactly {@code size} bytes of lines, unless size is 1, which no line can have. */
  private static void body(
      ByteArrayOutputStream out, SplittableRandom random, int size, boolean eightBit) {
    int left = size;
    while (left > LINE_MAX + 2 * CRLF_BYTES) {
      left -= line(out, randomLine(random, eightBit));
    }
    if (left > LINE_MAX + CRLF_BYTES) {
      left -= line(out, ".");
    }
    if (left >= CRLF_BYTES) {
      line(out, (random.nextInt(4) == 0 ? "." : "e").repeat(left - CRLF_BYTES));
    }
  }

  private static String randomLine(SplittableRandom random, boolean eightBit) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> TRAPS[random.nextInt(TRAPS.length)];
      case 2 -> text(random, LINE_MAX, eightBit);
      default -> text(random, 1 + random.nextInt(78), eightBit);
    };
  }

  private static String text(SplittableRandom random, int length, boolean eightBit) {
    var text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      int c =
          eightBit && random.nextInt(4) == 0 ? random.nextInt(128, 256) : ' ' + random.nextInt(95);
      text.append((char) c);
    }
    return text.toString();
  }

  private static int line(ByteArrayOutputStream out, String line) {
    byte[] bytes = (line + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    out.writeBytes(bytes);
    return bytes.length;
  }
}
