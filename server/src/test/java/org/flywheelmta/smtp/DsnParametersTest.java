package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RET, ENVID, NOTIFY and ORCPT to the letter of RFC 3461, and kept as they were written. */
final class DsnParametersTest {
  private static final String BAD = "501 5.5.4";

  private static String expand(String text) {
    return text.replace("%100", "e".repeat(100))
        .replace("%101", "e".repeat(101))
        .replace("%493", "o".repeat(493))
        .replace("%494", "o".repeat(494))
        .replace(
            "%u", new String("ü".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          RET=FULL                      | 250 2.1.0
          RET=hdrs                      | 250 2.1.0
          RET=HDR                       | 501 5.5.4
          RET=                          | 501 5.5.4
          RET                           | 501 5.5.4
          RET=FULL RET=FULL             | 501 5.5.4
          RET=FULL ENVID=QQ314159       | 250 2.1.0
          ENVID=a+2Bb+3Dc               | 250 2.1.0
          ENVID=a+20b+09c               | 250 2.1.0
          ENVID=a+2bb                   | 501 5.5.4
          ENVID=a+2                     | 501 5.5.4
          ENVID=a+                      | 501 5.5.4
          ENVID=a=b                     | 501 5.5.4
          ENVID=a+0D+0Ab                | 501 5.5.4
          ENVID=a+7F                    | 501 5.5.4
          ENVID=a+E4                    | 501 5.5.4
          ENVID=%u                      | 501 5.5.4
          ENVID                         | 501 5.5.4
          ENVID=%100                    | 250 2.1.0
          ENVID=%101                    | 501 5.5.4
          ENVID=a ENVID=b               | 501 5.5.4
          NOTIFY=NEVER                  | 555 5.5.4
          """)
  void mail(String parameters, String reply) {
    var stage = SmtpStage.open();
    var caller = stage.call("EHLO c.test\r\n");
    assertThat(stage.say(caller, "MAIL FROM:<a@x.test> " + expand(parameters) + "\r\n"))
        .containsExactly(reply);
    stage.say(caller, "QUIT\r\n");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          NOTIFY=NEVER                        | 250 2.1.5
          NOTIFY=never                        | 250 2.1.5
          NOTIFY=SUCCESS                      | 250 2.1.5
          NOTIFY=SUCCESS,FAILURE,DELAY        | 250 2.1.5
          NOTIFY=Delay,failure                | 250 2.1.5
          NOTIFY=FAILURE,FAILURE              | 250 2.1.5
          NOTIFY=NEVER,FAILURE                | 501 5.5.4
          NOTIFY=FAILURE,NEVER                | 501 5.5.4
          NOTIFY=FAILURE,                     | 501 5.5.4
          NOTIFY=,FAILURE                     | 501 5.5.4
          NOTIFY=FAILURE;DELAY                | 501 5.5.4
          NOTIFY=ALWAYS                       | 501 5.5.4
          NOTIFY=                             | 501 5.5.4
          NOTIFY                              | 501 5.5.4
          NOTIFY=DELAY NOTIFY=DELAY           | 501 5.5.4
          NOTIFY=DELAY ORCPT=rfc822;b@y.test  | 250 2.1.5
          ORCPT=rfc822;b+2Bc@y.test           | 250 2.1.5
          ORCPT=RFC822;b@y.test               | 250 2.1.5
          ORCPT=x400;/C=us                    | 501 5.5.4
          ORCPT=x400;/C+3Dus                  | 250 2.1.5
          ORCPT=rfc822                        | 501 5.5.4
          ORCPT=;b@y.test                     | 501 5.5.4
          ORCPT=rfc(822;b@y.test              | 501 5.5.4
          ORCPT=rfc822;b+0A@y.test            | 501 5.5.4
          ORCPT=rfc822;b+2g@y.test            | 501 5.5.4
          ORCPT=rfc822;%u@y.test              | 501 5.5.4
          ORCPT=rfc822;%493                   | 250 2.1.5
          ORCPT=rfc822;%494                   | 501 5.5.4
          ORCPT=rfc822;b ORCPT=rfc822;b       | 501 5.5.4
          ORCPT=utf-8;b\\x{FC}@y.test         | 250 2.1.5
          ORCPT=utf-8;b\\x{fc}@y.test         | 501 5.5.4
          ORCPT=utf-8;b\\x{D800}@y.test       | 501 5.5.4
          ORCPT=utf-8;b\\x{110000}@y.test     | 501 5.5.4
          ORCPT=utf-8;b\\x{}@y.test           | 501 5.5.4
          ORCPT=utf-8;b+2B@y.test             | 501 5.5.4
          ORCPT=utf-8;%u@y.test               | 501 5.5.4
          RET=FULL                            | 555 5.5.4
          """)
  void rcpt(String parameters, String reply) {
    var stage = SmtpStage.open();
    var caller = stage.call("EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n");
    var line = "RCPT TO:<b@y.test> " + expand(parameters).replace("\\\\", "\\") + "\r\n";
    assertThat(stage.say(caller, line)).as(line).containsExactly(reply);
    stage.say(caller, "QUIT\r\n");
    stage.checkNothingIsLeft();
  }

  @Test
  void charactersStandForThemselvesOnlyWhereMailAskedForUtf8() {
    var stage = SmtpStage.open();
    var caller = stage.call("EHLO c.test\r\nMAIL FROM:<a@x.test> SMTPUTF8\r\n");
    assertThat(stage.say(caller, expand("RCPT TO:<b@y.test> ORCPT=utf-8;%u@y.test\r\n")))
        .containsExactly("250 2.1.5");
    assertThat(stage.say(caller, expand("RCPT TO:<c@y.test> ORCPT=rfc822;%u@y.test\r\n")))
        .containsExactly(BAD);
    stage.say(caller, "QUIT\r\n");
    stage.checkNothingIsLeft();
  }

  @Test
  void whatWasGivenIsKeptAsItWasWrittenWithEachRecipient() {
    var stage = SmtpStage.open();
    stage.call(
        """
        EHLO c.test
        MAIL FROM:<a@x.test> ret=Hdrs ENVID=q+2B1
        RCPT TO:<b@y.test> NOTIFY=success,Delay ORCPT=rfc822;B+2Bx@y.test
        RCPT TO:<c@y.test>
        DATA
        hello
        .
        """
            .replace("\n", "\r\n"));
    var taken = stage.takeMessages();
    var first = taken.getFirst();
    assertThat(text(first.transaction().fields(), Tag.DSN_RET)).isEqualTo("Hdrs");
    assertThat(text(first.transaction().fields(), Tag.DSN_ENVID)).isEqualTo("q+2B1");
    assertThat(text(first.fields(), Tag.DSN_NOTIFY)).isEqualTo("success,Delay");
    assertThat(text(first.fields(), Tag.DSN_ORCPT)).isEqualTo("rfc822;B+2Bx@y.test");
    assertThat(taken.getLast().fields()).isEqualTo(Fields.NONE);
    stage.checkNothingIsLeft();
  }

  @Test
  void whatParametersTakeIsCountedAndGivenBack() {
    var plan = SmtpStage.plan().queueMemory(10_000);
    var stage = plan.start();
    var caller = stage.call("EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n");
    stage.say(caller, "RCPT TO:<b@y.test>\r\n");
    long plain = stage.queueMemory.taken();
    stage.say(caller, "RCPT TO:<b@y.test> ORCPT=rfc822;" + "o".repeat(400) + "\r\n");
    assertThat(stage.queueMemory.taken()).isGreaterThan(2 * plain + 400);
    stage.say(caller, "DATA\r\nhello\r\n.\r\n");
    stage.takeMessages();
    assertThat(stage.queueMemory.taken()).isZero();
    stage.say(caller, "QUIT\r\n");
    stage.checkNothingIsLeft();
  }

  private static String text(Fields fields, int tag) {
    return new String(Objects.requireNonNull(fields.value(tag)), StandardCharsets.US_ASCII);
  }
}
