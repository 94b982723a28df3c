package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;

/** The commands of SMTP: those that are offered, and known ones that are not. */
enum Verb {
  EHLO("EHLO", true),
  HELO("HELO", true),
  MAIL("MAIL", true),
  RCPT("RCPT", true),
  DATA("DATA", true),
  RSET("RSET", true),
  NOOP("NOOP", true),
  QUIT("QUIT", true),
  VRFY("VRFY", true),
  HELP("HELP", true),
  EXPN("EXPN", false),
  BDAT("BDAT", false),
  AUTH("AUTH", true),
  ETRN("ETRN", false),
  TURN("TURN", false),
  STARTTLS("STARTTLS", true),
  UNKNOWN("", false);

  private static final Verb[] ALL = values();

  private final String word;
  private final boolean offered;

  Verb(String word, boolean offered) {
    this.word = word;
    this.offered = offered;
  }

  /** True when this server takes the command. */
  boolean offered() {
    return offered;
  }

  /** Octets of the word. */
  int length() {
    return word.length();
  }

  /** The command that the line in {@code [from, to)} begins with, upper or lower case. */
  static Verb of(ByteBuf line, int from, int to) {
    int end = from;
    while (end < to && line.getByte(end) != ' ') {
      end++;
    }
    for (var verb : ALL) {
      if (verb.word.length() == end - from && verb.matches(line, from)) {
        return verb;
      }
    }
    return UNKNOWN;
  }

  private boolean matches(ByteBuf line, int from) {
    for (int i = 0; i < word.length(); i++) {
      // Letters differ from their upper case in one bit; no other octet of a word maps onto one.
      if ((line.getByte(from + i) & ~0x20) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
