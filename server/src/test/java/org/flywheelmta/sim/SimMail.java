package org.flywheelmta.sim;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * A mail that a scenario sends. Its number is in each address, so that a reply to one of them tells
 * which mail it was about, and in the first header of its content, so that what a server puts above
 * does not count.
 *
 * @param number unique in its scenario
 * @param sender the reverse path
 * @param recipients the forward paths
 * @param content lines that end in CR LF, not dot-stuffed
 */
@ReadOnlyThreadSafe
@SuppressWarnings("ArrayRecordComponent") // Mails are compared by number.
public record SimMail(int number, String sender, List<String> recipients, byte[] content) {
  /** The domain of all senders. */
  static final String SENDERS = "sender.example";

  private static final String MARK = "X-Sim-Mail: ";

  /** A mail with lines of any length up to 200, some of which begin with dots. */
  public static SimMail random(int number, int recipients, String domain, RandomGenerator random) {
    return random(number, recipients, domain, random.nextInt(30), random);
  }

  /** One of several hundred kilobytes. */
  static SimMail large(int number, int recipients, String domain, RandomGenerator random) {
    return random(number, recipients, domain, 2_000 + random.nextInt(3_000), random);
  }

  /** The domain of an address. */
  static String domainOf(String address) {
    return address.substring(address.lastIndexOf('@') + 1);
  }

  /** True of one recipient in nine: the gateway has no such mailbox and never will. */
  static boolean isRefusedForGood(String recipient) {
    return recipient.startsWith("m") && numberIn(recipient) % 9 == 0 && recipient.contains(".0@");
  }

  /** True of one recipient in nine: the gateway puts it off for as long as there is trouble. */
  static boolean isPutOff(String recipient) {
    return recipient.startsWith("m") && numberIn(recipient) % 9 == 4 && recipient.contains(".1@");
  }

  private static SimMail random(
      int number, int recipients, String domain, int lines, RandomGenerator random) {
    return to(number, Collections.nCopies(recipients, domain), lines, random);
  }

  /** One with a recipient in each of the domains. */
  static SimMail to(int number, List<String> domains, boolean large, RandomGenerator random) {
    int lines = large ? 2_000 + random.nextInt(3_000) : random.nextInt(30);
    return to(number, domains, lines, random);
  }

  private static SimMail to(int number, List<String> domains, int lines, RandomGenerator random) {
    var sender = "s" + number + "@" + SENDERS;
    var paths = new ArrayList<String>();
    for (int i = 0; i < domains.size(); i++) {
      paths.add("m" + number + "." + i + "@" + domains.get(i));
    }
    var text = new StringBuilder(MARK).append(number).append("\r\n");
    text.append("From: <").append(sender).append(">\r\nTo: <").append(paths.getFirst());
    text.append(">\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <");
    text.append(number).append("@sender.example>\r\nSubject: simulated\r\n\r\n");
    for (int i = 0; i < lines; i++) {
      text.repeat(".", Math.max(0, random.nextInt(9) - 6));
      int length = random.nextInt(200);
      for (int j = 0; j < length; j++) {
        text.append((char) (' ' + random.nextInt(95)));
      }
      text.append("\r\n");
    }
    var content = text.toString().getBytes(StandardCharsets.US_ASCII);
    return new SimMail(number, sender, List.copyOf(paths), content);
  }

  /** 64 bits of the content from the mark on. */
  long hash() {
    return hash(content);
  }

  /** 64 bits of {@code received} from the mark on, or of all of it where there is none. */
  static long hash(byte[] received) {
    int from = Math.max(0, indexOfMark(received));
    long hash = 0xcbf29ce484222325L;
    for (int i = from; i < received.length; i++) {
      hash = (hash ^ (received[i] & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  private static int indexOfMark(byte[] received) {
    var text = new String(received, StandardCharsets.ISO_8859_1);
    if (text.startsWith(MARK)) {
      return 0;
    }
    int at = text.indexOf("\r\n" + MARK);
    return at < 0 ? -1 : at + 2;
  }

  /** The number in an address that {@link #random} made; -1 when it is none. */
  static int numberIn(String address) {
    int digits = 1;
    int number = 0;
    while (digits < address.length() && Character.isDigit(address.charAt(digits))) {
      number = number * 10 + address.charAt(digits) - '0';
      digits++;
    }
    boolean ours = digits > 1 && (address.charAt(0) == 'm' || address.charAt(0) == 's');
    return ours ? number : -1;
  }
}
