package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Admission;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.message.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every command and every refusal, by its codes (RFC 5321, 3463, 1870, 2034). */
final class CommandsTest {
  private static final String LONG = "x".repeat(SmtpSession.MAX_COMMAND_LINE);

  /** Makes the shorthands of the tables real: line ends, NUL and runs of a letter. */
  private static String expand(String text) {
    return text.replace("\\r", "\r")
        .replace("\\n", "\n")
        .replace("\\0", "\0")
        .replace("\\e", "\u00e9")
        .replace("%64", "l".repeat(64))
        .replace("%63", "d".repeat(63))
        .replace("%LONG", LONG);
  }

  private static void check(SmtpStage stage, String before, String text, String codes) {
    var caller = stage.call(before);
    var answers = stage.say(caller, expand(text) + "\r\n");
    assertThat(String.join(", ", answers)).as(text).isEqualTo(codes);
    // The session goes on.
    assertThat(stage.say(caller, "NOOP\r\n")).containsExactly("250 2.0.0");
    assertThat(stage.say(caller, "QUIT\r\n")).containsExactly("221 2.0.0");
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          EHLO c.test                  | 250
          ehlo [192.0.2.9]             | 250
          HELO c.test                  | 250
          HELO [IPv6:2001:db8::1]      | 250
          EHLO                         | 501 5.5.4
          EHLO a b                     | 501 5.5.4
          EHLO a(b                     | 501 5.5.4
          EHLO \\e                     | 501 5.5.4
          HELO <x>                     | 501 5.5.4
          NOOP                         | 250 2.0.0
          noop anything at all         | 250 2.0.0
          NoOp                         | 250 2.0.0
          HELP                         | 214 2.0.0
          HELP MAIL                    | 214 2.0.0
          RSET                         | 250 2.0.0
          RSET x                       | 501 5.5.4
          VRFY postmaster              | 252 2.5.0
          VRFY                         | 501 5.5.4
          EXPN list                    | 502 5.5.1
          BDAT 5 LAST                  | 502 5.5.1
          AUTH PLAIN                   | 502 5.5.1
          STARTTLS                     | 502 5.5.1
          ETRN x                       | 502 5.5.1
          TURN                         | 502 5.5.1
          QUIT now                     | 501 5.5.4
          FOO                          | 500 5.5.1
          ''                           | 500 5.5.1
          ' '                          | 500 5.5.1
          ' NOOP'                      | 500 5.5.1
          NOOPX                        | 500 5.5.1
          NOO                          | 500 5.5.1
          GET / HTTP/1.1               | 500 5.5.1
          MAIL FROM:<a@x.test>         | 503 5.5.1
          RCPT TO:<a@x.test>           | 503 5.5.1
          DATA                         | 503 5.5.1
          DATA x                       | 501 5.5.4
          NO\\0OP                      | 500 5.5.2
          NOOP \\r                     | 500 5.5.2
          NOOP\\rNOOP                  | 500 5.5.2
          NOOP\\n                      | 500 5.5.2
          \\n                          | 500 5.5.2
          NOOP\\nNOOP                  | 500 5.5.2
          NOOP\\nNOOP\\n\\nNOOP\\r\\r  | 500 5.5.2
          NOOP\\n%LONG%LONG            | 500 5.5.2
          %LONG                        | 500 5.5.2
          %LONG\\nNOOP                 | 500 5.5.2
          %LONG\\r%LONG%LONG           | 500 5.5.2
          NOOP %LONG                   | 500 5.5.2
          """)
  void beforeMail(String text, String codes) {
    check(SmtpStage.open(), "", text, codes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          MAIL FROM:<>                                    | 250 2.1.0
          MAIL FROM:<a@x.test>                            | 250 2.1.0
          mail from:<a@x.test>                            | 250 2.1.0
          MAIL FROM: <a@x.test>                           | 250 2.1.0
          MAIL FROM:<a@x.test> SIZE=0                     | 250 2.1.0
          MAIL FROM:<a@x.test> SIZE=1000                  | 250 2.1.0
          MAIL FROM:<a@x.test> size=1000 body=7bit        | 250 2.1.0
          MAIL FROM:<a@x.test> BODY=8BITMIME              | 250 2.1.0
          MAIL FROM:<a@x.test>   BODY=8BITMIME            | 250 2.1.0
          MAIL FROM:<@r.test,@s.test:a@x.test>            | 250 2.1.0
          MAIL FROM:<"a b\\"@"@x.test>                   | 250 2.1.0
          MAIL FROM:<a@[192.0.2.1]>                       | 250 2.1.0
          MAIL FROM:<a@[IPv6:2001:db8::1]>                | 250 2.1.0
          MAIL FROM:<a!b%c=d+e@x.test>                    | 250 2.1.0
          MAIL FROM:<%64@x.test>                          | 250 2.1.0
          MAIL FROM:<a@%63.%63.test>                      | 250 2.1.0
          MAIL FROM:<a@x.test> SIZE=1001                  | 552 5.3.4
          MAIL FROM:<a@x.test> SIZE=99999999999999999999  | 552 5.3.4
          MAIL FROM:<a@x.test> SIZE=9223372036854775808   | 552 5.3.4
          MAIL FROM:<a@x.test> SIZE=999999999999999999999 | 501 5.5.4
          MAIL FROM:<a@x.test> SIZE                       | 501 5.5.4
          MAIL FROM:<a@x.test> SIZE=                      | 501 5.5.4
          MAIL FROM:<a@x.test> SIZE=-1                    | 501 5.5.4
          MAIL FROM:<a@x.test> SIZE=1k                    | 501 5.5.4
          MAIL FROM:<a@x.test> BODY=BINARYMIME            | 501 5.5.4
          MAIL FROM:<a@x.test> BODY                       | 501 5.5.4
          MAIL FROM:<a@x.test>SIZE=1                      | 501 5.5.4
          MAIL FROM:<a@x.test> FOO                        | 555 5.5.4
          MAIL FROM:<a@x.test> AUTH=<>                    | 555 5.5.4
          MAIL FROM:<a@x.test> SMTPUTF8                   | 250 2.1.0
          MAIL FROM:<a@x.test> =                          | 555 5.5.4
          MAIL                                            | 501 5.5.4
          MAIL TO:<a@x.test>                              | 501 5.5.4
          MAIL FROM                                       | 501 5.5.4
          MAIL FROM:                                      | 501 5.1.7
          MAIL FROM:a@x.test                              | 501 5.1.7
          MAIL FROM:<a@x.test                             | 501 5.1.7
          MAIL FROM:<a@>                                  | 501 5.1.7
          MAIL FROM:<@x.test>                             | 501 5.1.7
          MAIL FROM:<a@x..test>                           | 501 5.1.7
          MAIL FROM:<a@.test>                             | 501 5.1.7
          MAIL FROM:<a@x.test.>                           | 501 5.1.7
          MAIL FROM:<a b@x.test>                          | 501 5.1.7
          MAIL FROM:<a@b@x.test>                          | 501 5.1.7
          MAIL FROM:<"a@x.test>                           | 501 5.1.7
          MAIL FROM:<a@[]>                                | 501 5.1.7
          MAIL FROM:<a@[192.0.2.1>                        | 501 5.1.7
          MAIL FROM:<a@[x;y]>                             | 501 5.1.7
          MAIL FROM:<a@x.test;rm>                         | 501 5.1.7
          MAIL FROM:<l%64@x.test>                         | 250 2.1.0
          MAIL FROM:<a@%63.%63.%63.%63>                   | 501 5.1.7
          MAIL FROM:<a\\e@x.test>                         | 501 5.1.7
          MAIL FROM:<a@\\e.test>                          | 501 5.1.7
          RCPT TO:<b@y.test>                              | 503 5.5.1
          DATA                                            | 503 5.5.1
          """)
  void mail(String text, String codes) {
    check(SmtpStage.plan().with("max_message_size = 1000").start(), "EHLO c.test\r\n", text, codes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          RCPT TO:<b@y.test>                  | 250 2.1.5
          rcpt to: <b@y.test>                 | 250 2.1.5
          RCPT TO:<@r.test:b@y.test>          | 250 2.1.5
          RCPT TO:<"b c"@y.test>              | 250 2.1.5
          RCPT TO:<"b@c"@y.test>              | 250 2.1.5
          RCPT TO:<b@[192.0.2.1]>             | 250 2.1.5
          RCPT TO:<postmaster>                | 250 2.1.5
          RCPT TO:<PostMaster>                | 250 2.1.5
          RCPT TO:<b>                         | 501 5.1.3
          RCPT TO:<"b@y.test">                | 501 5.1.3
          RCPT TO:<>                          | 501 5.1.3
          RCPT TO:b@y.test                    | 501 5.1.3
          RCPT TO:<b@y.test> x                | 555 5.5.4
          RCPT TO:<b@y.test> NOTIFY=NEVER     | 250 2.1.5
          RCPT TO:<b@y.test>x                 | 501 5.5.4
          RCPT FROM:<b@y.test>                | 501 5.5.4
          RCPT                                | 501 5.5.4
          RCPT TO:<b\\e@y.test>               | 501 5.1.3
          RCPT TO:<l%64@y.test>               | 250 2.1.5
          MAIL FROM:<a@x.test>                | 503 5.5.1
          DATA                                | 554 5.5.1
          """)
  void rcpt(String text, String codes) {
    check(SmtpStage.open(), "EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n", text, codes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          198.51.100.7 | b@ours.test       | 250 2.1.5
          198.51.100.7 | b@OURS.Test       | 250 2.1.5
          198.51.100.7 | postmaster        | 250 2.1.5
          198.51.100.7 | b@sub.ours.test   | 550 5.7.1
          198.51.100.7 | b@y.test          | 550 5.7.1
          198.51.100.7 | b@[192.0.2.1]     | 550 5.7.1
          198.51.100.7 | "b@ours.test"@y.test | 550 5.7.1
          203.0.113.5  | b@y.test          | 250 2.1.5
          203.0.113.99 | b@y.test          | 550 5.7.1
          203.0.113.99 | b@theirs.test     | 250 2.1.5
          """)
  void relayIsForNetworksAndDomains(String peer, String recipient, String codes) {
    var stage =
        SmtpStage.plan()
            .only(
                """
                relay_hosts = ( "203.0.113.0/24" )
                relay_domains = ( "Ours.test" )
                peer "203.0.113.64/26" { relay_hosts = ( ) relay_domains = ( "theirs.test" ) }
                """)
            .peer(peer)
            .start();
    check(stage, "EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n", "RCPT TO:<" + recipient + ">", codes);
  }

  @Test
  void ehloTellsWhatIsOffered() {
    var stage = SmtpStage.plan().with("max_message_size = 12345").start();
    var caller = stage.call("EHLO c.test\r\n");
    assertThat(caller.received())
        .isEqualTo(
            """
            220 mx.test ESMTP Flywheel
            250-mx.test
            250-PIPELINING
            250-SIZE 12345
            250-8BITMIME
            250-SMTPUTF8
            250-DSN
            250 ENHANCEDSTATUSCODES
            """
                .replace("\n", "\r\n"));
  }

  @Test
  void tooManyErrorsCloseTheSession() {
    var stage = SmtpStage.plan().with("max_errors = 3").start();
    var caller = stage.call("FOO\r\n".repeat(3));
    assertThat(caller.closed()).isFalse();
    assertThat(stage.say(caller, "FOO\r\nNOOP\r\n")).containsExactly("500 5.5.1", "421 4.7.0");
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @Test
  void refusedMailIsAnErrorAndGetsItsOwnAnswerFirst() {
    var stage = SmtpStage.plan().with("max_errors = 1").start();
    var caller = stage.call("EHLO c.test\r\n");
    var bad = SmtpStage.MAIL.replace("hello", "lone\nbreak");
    assertThat(stage.say(caller, bad)).endsWith("554 5.6.0").doesNotContain("421 4.7.0");
    assertThat(stage.say(caller, bad)).endsWith("554 5.6.0", "421 4.7.0");
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @Test
  void tooManyCommandsWithoutAMailCloseTheSession() {
    var stage = SmtpStage.plan().with("max_junk_commands = 4").start();
    var caller = stage.call("EHLO c.test\r\nNOOP\r\nRSET\r\n" + SmtpStage.MAIL);
    assertThat(stage.say(caller, "NOOP\r\nHELP\r\nVRFY x\r\nEHLO c.test\r\n")).hasSize(4);
    assertThat(stage.say(caller, "NOOP\r\nNOOP\r\n")).containsExactly("250 2.0.0", "421 4.7.0");
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @Test
  void moreMailsThanAllowedCloseTheSession() {
    var stage = SmtpStage.plan().with("max_receptions_per_connection = 2").start();
    var caller = stage.call("EHLO c.test\r\n" + SmtpStage.MAIL + SmtpStage.MAIL);
    assertThat(stage.spool.kept).hasSize(2);
    assertThat(stage.say(caller, "MAIL FROM:<a@x.test>\r\n")).containsExactly("421 4.7.0");
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @Test
  void tooManyRecipientsAreRefusedAndTheOthersGetTheMail() {
    var stage = SmtpStage.plan().with("max_recipients_per_message = 100").start();
    var text = new StringBuilder("EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n");
    for (int i = 0; i < 150; i++) {
      text.append("RCPT TO:<r").append(i).append("@y.test>\r\n");
    }
    var caller = stage.call(text + "DATA\r\nx\r\n.\r\n");
    var codes = caller.codes(3);
    assertThat(codes.subList(0, 100)).containsOnly("250 2.1.5");
    assertThat(codes.subList(100, 150)).containsOnly("452 4.5.3");
    assertThat(codes.subList(150, codes.size())).containsExactly("354", "250 2.0.0");
    assertThat(stage.spool.kept.getFirst().recipients()).hasSize(100);
    stage.checkNothingIsLeft();
  }

  @Test
  void loopingMailIsRefused() {
    var stage = SmtpStage.plan().with("max_received_headers = 3").start();
    var caller = stage.call("EHLO c.test\r\n");
    var mail = SmtpStage.MAIL.replace("hello", "%s\r\n\r\nReceived: in the body");
    assertThat(stage.say(caller, mail.formatted("Received: x\r\n".repeat(2) + "RECEIVED:y")))
        .endsWith("250 2.0.0");
    assertThat(stage.say(caller, mail.formatted("Received: x\r\n".repeat(3) + "RECEIVED:y")))
        .endsWith("554 5.4.6");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource({"reject", "repair"})
  void sizeIsThatOfTheMailWithoutStuffingAndTrace(String policy) {
    var stage =
        SmtpStage.plan()
            .with("max_message_size = 100")
            .with("lone_line_breaks = " + policy)
            .start();
    var caller = stage.call("EHLO c.test\r\n");
    var mail = SmtpStage.MAIL.replace("hello\r\n", "%s");
    var line = "..23456789\r\n";
    assertThat(stage.say(caller, mail.formatted(line.repeat(9) + "\r\n"))).endsWith("552 5.3.4");
    assertThat(stage.say(caller, mail.formatted(line.repeat(9) + "x\r\n"))).endsWith("552 5.3.4");
    assertThat(stage.say(caller, mail.formatted(line.repeat(9)))).endsWith("250 2.0.0");
    assertThat(stage.say(caller, mail.formatted("\r".repeat(60) + "\r\n")).getLast())
        .isEqualTo(policy.equals("reject") ? "554 5.6.0" : "552 5.3.4");
    stage.checkNothingIsLeft();
  }

  @Test
  void noRoomIsSaidAtMailAndAtData() {
    var stage = SmtpStage.open();
    var caller = stage.call(SmtpStage.ENVELOPE);
    stage.admission = Admission.Level.REFUSING;
    assertThat(stage.say(caller, "DATA\r\n")).containsExactly("452 4.3.1");
    assertThat(stage.say(caller, "MAIL FROM:<a@x.test>\r\n")).containsExactly("452 4.3.1");
    stage.admission = Admission.Level.OPEN;
    assertThat(stage.say(caller, SmtpStage.MAIL)).endsWith("250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void helloAndRsetEndTheTransaction() {
    for (var command : List.of("RSET", "EHLO c.test", "HELO c.test")) {
      var stage = SmtpStage.open();
      var caller = stage.call(SmtpStage.ENVELOPE + command + "\r\n");
      assertThat(stage.say(caller, "DATA\r\n")).containsExactly("503 5.5.1");
      assertThat(stage.say(caller, SmtpStage.MAIL)).endsWith("250 2.0.0");
      stage.checkNothingIsLeft();
    }
  }

  @Test
  void mailGetsATraceFieldAndItsEnvelope() {
    var stage = SmtpStage.open();
    stage.call("HELO c.test\r\n" + SmtpStage.MAIL.replace("<a@x.test>", "<> BODY=8BITMIME"));
    var kept = stage.spool.kept.getFirst();
    assertThat(kept.sender().isNull()).isTrue();
    var text = kept.content();
    assertThat(text)
        .startsWith(
            "Received: from c.test ([198.51.100.7])\r\n\tby mx.test (Flywheel) with SMTP id ")
        .endsWith(" +0000\r\nhello\r\n");
    var message = stage.handedOver.getFirst();
    assertThat(message.recipient().toString()).isEqualTo("b@y.test");
    assertThat(message.transaction().fields().value(Tag.BODY)).containsExactly(8);
    stage.checkNothingIsLeft();
  }

  @Test
  void refusalsAndReceptionsAreTold() {
    var stage = SmtpStage.plan().only("relay_domains = ( \"y.test\" )").start();
    stage.call("EHLO c.test\r\n" + SmtpStage.MAIL.replace("DATA", "RCPT TO:<c@z.test>\r\nDATA"));
    assertThat(stage.events.count(MailEvent.Type.RECEPTION)).isEqualTo(1);
    var refusals =
        stage.events.events.stream().filter(e -> e.type() == MailEvent.Type.REJECTION).toList();
    assertThat(refusals).hasSize(1);
    assertThat(refusals.getFirst().recipient()).isEqualTo("c@z.test");
    assertThat(refusals.getFirst().reply().code()).isEqualTo(550);
    stage.checkNothingIsLeft();
  }

  @Test
  void severalPoolSchedulersServeAlike() {
    var stage = SmtpStage.plan().schedulers(3).start();
    var callers = new ArrayList<Caller>();
    for (int i = 0; i < 9; i++) {
      callers.add(stage.call());
    }
    callers.forEach(caller -> caller.say("EHLO c.test\r\n" + SmtpStage.MAIL + "QUIT\r\n"));
    stage.moment();
    assertThat(callers).allMatch(Caller::closed);
    assertThat(stage.spool.kept).hasSize(9);
    stage.checkNothingIsLeft();
  }

  @Test
  void whatIsSaidAfterGoodbyeIsNotHeardAndTheGoodbyeArrives() {
    var stage = SmtpStage.plan().start();
    var caller = stage.call("");
    assertThat(stage.say(caller, "QUIT\r\nNOOP\r\nEHLO late.test\r\n"))
        .containsExactly("221 2.0.0");
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @Test
  void sessionsAboveTheLimitAreToldSo() {
    var stage = SmtpStage.plan().sessions(2).start();
    var first = stage.call("");
    stage.call("");
    var third = stage.call("");
    assertThat(third.received()).startsWith("421 4.4.5 ");
    assertThat(third.closed()).isTrue();
    assertThat(stage.say(first, "QUIT\r\n")).containsExactly("221 2.0.0");
    assertThat(stage.call("").codes()).containsExactly("220");
    stage.checkNothingIsLeft();
  }
}
