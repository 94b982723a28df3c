package org.flywheelmta.smtp;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What mail data means, by the words of RFC 5321 and without any state: the reference that readers
 * are compared with.
 *
 * @param content unstuffed and, where asked for, repaired
 * @param consumed octets up to and with the end-of-data mark
 * @param loneBreak whether a CR or LF stands alone
 * @param receivedHeaders how many lines of the header section begin with {@code Received:}
 */
record MailText(String content, int consumed, boolean loneBreak, int receivedHeaders) {
  private static final char[] MATRIX = {'\r', '\n', '.', '\0', 'x'};
  private static final int MATRIX_LENGTH = 5;
  private static final String[] WORDS = {
    "\r\n",
    "\r\n",
    "\r\n.",
    "\r\n..",
    "\r",
    "\n",
    ".",
    "x",
    "Received: y",
    "\r\n\r\n",
    "\u00e9",
    "a long run of octets in a line"
  };

  /** Reads {@code input}, which holds an end-of-data mark. */
  static MailText of(String input, boolean repair) {
    // The line before the data has ended, so the mark may be the first thing in it.
    int mark = ("\r\n" + input).indexOf("\r\n.\r\n");
    var stuffed = input.substring(0, mark);
    boolean lone = stuffed.replace("\r\n", "").matches("(?s).*[\r\n].*");
    var unstuffed = new StringBuilder();
    for (var line : stuffed.split("\r\n", -1)) {
      unstuffed.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
    }
    unstuffed.setLength(unstuffed.length() - 2);
    var content = unstuffed.toString();
    if (repair) {
      content = content.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n");
    }
    return new MailText(content, mark + 3, lone, received(content));
  }

  private static int received(String content) {
    int count = 0;
    for (var line : content.split("\r\n", -1)) {
      if (line.isEmpty()) {
        break;
      }
      if (line.regionMatches(true, 0, "Received:", 0, 9)) {
        count++;
      }
    }
    return count;
  }

  boolean dotLines() {
    return ("\r\n" + content).contains("\r\n.");
  }

  boolean eightBit() {
    return content.chars().anyMatch(c -> c > 127);
  }

  /** As {@link #eightBit}, of what stands before the first empty line. */
  boolean eightBitHeader() {
    int empty = ("\r\n" + content).indexOf("\r\n\r\n");
    var header = empty < 0 ? content : content.substring(0, empty);
    return header.chars().anyMatch(c -> c > 127);
  }

  /** Every text of up to five octets over CR, LF, dot, NUL and x: 3,906 of them. */
  static List<String> matrix() {
    var all = new ArrayList<String>();
    all.add("");
    for (int i = 0; all.get(i).length() < MATRIX_LENGTH; i++) {
      for (char octet : MATRIX) {
        all.add(all.get(i) + octet);
      }
    }
    return all;
  }

  /** A mail of line breaks, dots and other trouble, without its end. */
  static String random(SplittableRandom random, int length) {
    var text = new StringBuilder();
    while (text.length() < length) {
      text.append(WORDS[random.nextInt(WORDS.length)]);
    }
    return text.toString();
  }

  /** A text for people to read. */
  static String show(String text) {
    return '"' + text.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0") + '"';
  }
}
