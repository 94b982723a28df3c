package org.flywheelmta.smtp;

import org.flywheelmta.hook.Hook;

/** The points of an SMTP session where modules and scripts take part, in their order. */
public final class SmtpHooks {
  /** Before the greeting. */
  public static final Hook<SessionStep, Verdict> CONNECT = hook("validate_connect");

  /** At EHLO and HELO. */
  public static final Hook<SessionStep, Verdict> EHLO = hook("validate_ehlo");

  /** At MAIL, with the sender. */
  public static final Hook<SessionStep, Verdict> MAIL = hook("validate_mailfrom");

  /** At RCPT, with the recipient, after the relay check. */
  public static final Hook<SessionStep, Verdict> RCPT = hook("validate_rcptto");

  /** At DATA, before the 354. */
  public static final Hook<SessionStep, Verdict> DATA = hook("validate_data");

  /** At the end of data, before the message is made durable. */
  public static final Hook<SessionStep, Verdict> END_OF_DATA = hook("validate_data_spool");

  private SmtpHooks() {}

  private static Hook<SessionStep, Verdict> hook(String name) {
    var failed = Replies.POLICY_FAILED;
    return Hook.firstThatDecides(
        name,
        new Verdict.Accept(),
        new Verdict.Refuse(failed.code(), failed.enhanced(), failed.text()));
  }
}
