package org.flywheelmta.torture;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Writes mails that are hard on a relay: lines of dots, lines of 998 bytes, empty lines, blanks at
 * the end, text that looks like SMTP or like headers, and bytes above 127 where they are allowed.
 * The same seed and number give the same mail. Where a rate is wanted its bodies come from a pool,
 * composed and hashed beforehand; the headers are each mail's own. Any thread may compose.
 */
final class Composer {
  /** Enough that what comes twice is far apart, few enough to hold in memory. */
  static final int POOL_BODIES = 256;

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
  private final List<Body> pool;

  private Composer(Load load, List<Body> pool) {
    this.load = load;
    this.pool = pool;
  }

  /** Every mail has a body of its own. */
  static Composer fresh(Load load) {
    return new Composer(load, List.of());
  }

  /**
   * Mails share {@link #POOL_BODIES} bodies.
   *
   * @param eightBitOffered whether the server takes 8BITMIME
   */
  static Composer pooled(Load load, boolean eightBitOffered) {
    var bodies = new ArrayList<Body>();
    for (int i = 0; i < POOL_BODIES; i++) {
      bodies.add(body(new SplittableRandom(load.seed() + i), load, eightBitOffered));
    }
    return new Composer(load, List.copyOf(bodies));
  }

  /** The mail with this number; {@code eightBitOffered} says whether the server takes 8BITMIME. */
  Mail compose(long number, boolean eightBitOffered) {
    return compose(number, eightBitOffered, 0);
  }

  /**
   * @param dueMicros when the mail is to be offered, which a header says, or 0 for no such time
   */
  Mail compose(long number, boolean eightBitOffered, long dueMicros) {
    var random = new SplittableRandom(load.seed() * 0x9E3779B97F4A7C15L + number);
    String id = "s" + Long.toHexString(load.seed()) + '-' + number;
    var recipients = new ArrayList<String>();
    int count = 1 + random.nextInt(load.recipientsMax());
    for (int i = 0; i < count; i++) {
      boolean refused = random.nextDouble() < load.refusedShare();
      recipients.add(Address.recipient(id, i, refused, random.nextInt(load.domains())));
    }
    var body =
        pool.isEmpty()
            ? body(random, load, eightBitOffered)
            : pool.get(random.nextInt(pool.size()));
    byte[] head = head(id, recipients, body.eightBit(), dueMicros);
    return new Mail(id, List.copyOf(recipients), head, body, Fingerprint.of(head, body));
  }

  private static byte[] head(String id, List<String> recipients, boolean eightBit, long dueMicros) {
    var head = new StringBuilder(512);
    head.append("From: Torture <").append(Address.sender(id)).append(">\r\n");
    head.append("To: ").append(String.join(",\r\n\t", recipients)).append("\r\n");
    head.append("Subject: torture ").append(id).append("\r\n");
    head.append("Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n");
    head.append("Message-ID: <").append(id).append("@torture.test>\r\n");
    head.append("MIME-Version: 1.0\r\n");
    head.append("Content-Type: text/plain; charset=");
    head.append(eightBit ? "iso-8859-1\r\n" : "us-ascii\r\n");
    head.append("X-Torture-Id: ").append(id).append("\r\n");
    if (dueMicros != 0) {
      head.append("X-Torture-Due: ").append(dueMicros).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Exactly as many bytes of lines as are drawn, unless that is 1, which no line can have. */
  private static Body body(SplittableRandom random, Load load, boolean eightBitOffered) {
    boolean eightBit = random.nextInt(EIGHT_BIT_ODDS) == 0 && eightBitOffered;
    var out = new ByteArrayOutputStream();
    int left = load.sizes().draw(random);
    while (left > LINE_MAX + 2 * CRLF_BYTES) {
      left -= line(out, randomLine(random, eightBit));
    }
    if (left > LINE_MAX + CRLF_BYTES) {
      left -= line(out, ".");
    }
    if (left >= CRLF_BYTES) {
      line(out, (random.nextInt(4) == 0 ? "." : "e").repeat(left - CRLF_BYTES));
    }
    return Body.of(out.toByteArray(), eightBit);
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
