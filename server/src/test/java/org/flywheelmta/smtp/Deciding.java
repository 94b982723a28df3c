package org.flywheelmta.smtp;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.hook.Answer;
import org.flywheelmta.hook.Hook;
import org.flywheelmta.hook.Provider;

/** A provider that keeps what it is asked, for a test to answer when it likes. */
@NonThreadSafe
final class Deciding implements Provider<SessionStep, Verdict> {
  static final Verdict ACCEPT = new Verdict.Accept();
  static final Verdict REFUSE = new Verdict.Refuse(550, "5.7.1", "Not here");
  static final Verdict CLOSE = new Verdict.Refuse(421, "4.7.0", "Not now");

  /** A point of the session, and what brings a session to it. */
  // A hook is immutable by its class, which the checker cannot see.
  @SuppressWarnings("ImmutableEnumChecker")
  enum Point {
    CONNECT(SmtpHooks.CONNECT, "", 0, ""),
    EHLO(SmtpHooks.EHLO, "EHLO c.test\r\n", 1, "220"),
    MAIL(SmtpHooks.MAIL, "EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n", 2, "250"),
    RCPT(SmtpHooks.RCPT, SmtpStage.ENVELOPE, 3, "250 2.1.0"),
    DATA(SmtpHooks.DATA, SmtpStage.ENVELOPE + "DATA\r\n", 4, "250 2.1.5"),
    END_OF_DATA(SmtpHooks.END_OF_DATA, SmtpStage.ENVELOPE + "DATA\r\nhello\r\n.\r\n", 5, "354");

    final Hook<SessionStep, Verdict> hook;
    final String said;
    final int answers;
    final String lastAnswer;

    Point(Hook<SessionStep, Verdict> hook, String said, int answers, String lastAnswer) {
      this.hook = hook;
      this.said = said;
      this.answers = answers;
      this.lastAnswer = lastAnswer;
    }
  }

  final List<Answer<Verdict>> asked = new ArrayList<>();

  @Override
  public void provide(SessionStep argument, Answer<Verdict> answer) {
    asked.add(answer);
  }
}
