package org.flywheelmta.smtp;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.flywheelmta.auth.GuessLimits;

/** What clients of AUTH say, and the stage on which they say it. */
final class AuthLines {
  static final String EHLO = "EHLO c.test\r\n";
  static final String GOOD = base64("\0alice\0wonderland");
  static final String WRONG = base64("\0alice\0looking-glass");
  static final String PLAIN = "AUTH PLAIN " + GOOD + "\r\n";
  static final String WRONG_PLAIN = "AUTH PLAIN " + WRONG + "\r\n";
  static final String LOGIN =
      "AUTH LOGIN\r\n" + base64("alice") + "\r\n" + base64("wonderland") + "\r\n";

  private AuthLines() {}

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** One where alice may log in, in clear, and nobody is trusted otherwise. */
  static SmtpStage.Plan plan() {
    return plan(GuessLimits.DEFAULT);
  }

  static SmtpStage.Plan plan(GuessLimits limits) {
    return SmtpStage.plan().only("auth_allow_clear = on").accounts(limits);
  }

  static SmtpStage start() {
    return start(plan());
  }

  static SmtpStage start(SmtpStage.Plan plan) {
    var stage = plan.start();
    stage.accounts.add("alice", "wonderland", List.of("send"));
    return stage;
  }

  /** What the last 334 of a caller asks, decoded. */
  static String challenge(Caller caller) {
    var lines = caller.received().split("\r\n", -1);
    var last = lines[lines.length - 2];
    return new String(
        Base64.getDecoder().decode(last.substring("334 ".length())), StandardCharsets.UTF_8);
  }
}
