package org.flywheelmta.smtp;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.flywheelmta.base.NonThreadSafe;

/** What the other side offers, from the lines of its reply to EHLO; nothing after a HELO. */
@NonThreadSafe
final class ClientExtensions implements ReplyReader.Lines {
  private static final int MAX_SIZE_DIGITS = 18;

  private boolean greeted;
  private boolean pipelining;
  private boolean eightBitMime;
  private boolean smtpUtf8;
  private boolean dsn;
  private boolean size;
  private boolean startTls;
  private long maxBytes;

  /** RFC 2920: commands may be sent before earlier ones are answered. */
  boolean pipelining() {
    return pipelining;
  }

  /** RFC 6152: content may hold octets above 127. */
  boolean eightBitMime() {
    return eightBitMime;
  }

  /** RFC 6531: addresses and header fields may hold UTF-8. */
  boolean smtpUtf8() {
    return smtpUtf8;
  }

  /** RFC 3461: it tells senders of failures, delays and successes as they ask. */
  boolean dsn() {
    return dsn;
  }

  /** RFC 3207: the connection can be secured. */
  boolean startTls() {
    return startTls;
  }

  /** RFC 1870: MAIL takes a SIZE. */
  boolean size() {
    return size;
  }

  /** The largest mail that it says it takes, octets; 0 when it does not say. */
  long maxBytes() {
    return maxBytes;
  }

  void clear() {
    greeted = false;
    pipelining = false;
    eightBitMime = false;
    smtpUtf8 = false;
    dsn = false;
    size = false;
    startTls = false;
    maxBytes = 0;
  }

  @Override
  public void onLine(byte[] octets, int length) {
    if (!greeted) {
      // The first line is a greeting, not a keyword.
      greeted = true;
      return;
    }
    var text = new String(octets, 0, length, StandardCharsets.ISO_8859_1).strip();
    int space = text.indexOf(' ');
    var keyword = space < 0 ? text : text.substring(0, space);
    var parameter = space < 0 ? "" : text.substring(space + 1).strip();
    switch (keyword.toUpperCase(Locale.ROOT)) {
      case "PIPELINING" -> pipelining = true;
      case "8BITMIME" -> eightBitMime = true;
      case "SMTPUTF8" -> smtpUtf8 = true;
      case "DSN" -> dsn = true;
      case "STARTTLS" -> startTls = true;
      case "SIZE" -> {
        size = true;
        maxBytes = decimal(parameter);
      }
      default -> {
        // An extension that we do not use.
      }
    }
  }

  private static long decimal(String text) {
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || i == MAX_SIZE_DIGITS) {
        return 0;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
