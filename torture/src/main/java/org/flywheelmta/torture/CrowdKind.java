package org.flywheelmta.torture;

import java.util.ArrayList;
import java.util.List;

/** What a connection of a {@link Crowd} does to the server. Nothing of it is ever a whole mail. */
enum CrowdKind {
  /** Says EHLO and nothing more. */
  IDLE(hello(""), Trickle.NONE, true),

  /** Never gets to the end of its EHLO. */
  IN_HELLO(List.of(new Step(220, "EHLO slow")), Trickle.LINE, true),

  /** Never gets to the end of a command. */
  IN_COMMAND(hello("NOOP "), Trickle.LINE, true),

  /** Never gets to the end of a mail. */
  IN_BODY(mail("Subject: slow\r\n\r\n"), Trickle.LINES, true),

  /** Stops in the middle of a header. */
  IN_HEADER(mail("Subject: half a hea"), Trickle.NONE, true),

  /** Asks for more replies than its small window takes, and does not read them. */
  DEAF(hello(questions()), Trickle.LINE, false),

  /** Reads the greeting and says nothing. */
  SILENT(List.of(new Step(220, "")), Trickle.NONE, true);

  /** What follows, octet by octet, once the script is over. */
  enum Trickle {
    NONE,
    /** Letters of one line that never ends. */
    LINE,
    /** Lines of a body. */
    LINES
  }

  /**
   * @param code the reply to wait for
   * @param send what to send then
   */
  record Step(int code, String send) {}

  private static final List<CrowdKind> SLOW =
      List.of(IN_HELLO, IN_COMMAND, IN_BODY, IN_HEADER, DEAF);

  private static final int DEAF_ROUNDS = 2;
  private static final int DEAF_RECIPIENTS = 900;

  @SuppressWarnings("ImmutableEnumChecker") // The lists are made by List.of alone.
  final List<Step> script;

  final Trickle trickle;

  /** Whether it reads what the server says after the script. */
  final boolean reads;

  CrowdKind(List<Step> script, Trickle trickle, boolean reads) {
    this.script = script;
    this.trickle = trickle;
    this.reads = reads;
  }

  boolean isIdle() {
    return this == SILENT || this == IDLE;
  }

  /** The kind of the slow connection with this number: all of them, mixed evenly. */
  static CrowdKind slow(int number) {
    return SLOW.get(number % SLOW.size());
  }

  private static List<Step> hello(String then) {
    return List.of(new Step(220, "EHLO crowd.torture.test\r\n"), new Step(250, then));
  }

  private static List<Step> mail(String then) {
    var steps = new ArrayList<>(hello("MAIL FROM:<crowd-0@from.torture.test>\r\n"));
    steps.add(new Step(250, "RCPT TO:<crowd-0.0@d0.torture.test>\r\n"));
    steps.add(new Step(250, "DATA\r\n"));
    steps.add(new Step(354, then));
    return List.copyOf(steps);
  }

  /** Replies to RCPT are the many that a server gives without counting them as junk. */
  private static String questions() {
    String mail =
        "MAIL FROM:<crowd-0@from.torture.test>\r\n"
            + "RCPT TO:<crowd-0.0@d0.torture.test>\r\n".repeat(DEAF_RECIPIENTS)
            + "RSET\r\n";
    return mail.repeat(DEAF_ROUNDS) + "NOOP ";
  }
}
