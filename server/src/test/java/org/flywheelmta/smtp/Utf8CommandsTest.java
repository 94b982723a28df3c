package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.message.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SMTPUTF8 as the listener takes it, by the codes of RFC 6531 sections 3.4 and 3.5. */
final class Utf8CommandsTest {
  private static final String HELLO = "EHLO c.test\r\n";
  private static final String ASKED = HELLO + "MAIL FROM:<a@x.test> SMTPUTF8\r\n";

  /**
   * The octets of {@code text} in UTF-8, as the characters by which a caller sends octets. Octets
   * that are no UTF-8 are written as {@code {e9}}.
   */
  private static String octets(String text) {
    var utf8 = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    var octets = new StringBuilder();
    for (int i = 0; i < utf8.length(); i++) {
      if (utf8.charAt(i) == '{') {
        octets.append((char) Integer.parseInt(utf8.substring(i + 1, i + 3), 16));
        i += 3;
      } else {
        octets.append(utf8.charAt(i));
      }
    }
    return octets.toString();
  }

  private static void check(SmtpStage stage, String before, String text, String codes) {
    var caller = stage.call(before);
    var line =
        octets(text.replace("%62", "\u00fc".repeat(62)).replace("%124", "\u00fc".repeat(124)));
    assertThat(stage.say(caller, line + "\r\n")).as(text).containsExactly(codes);
    assertThat(stage.say(caller, "NOOP\r\nQUIT\r\n")).containsExactly("250 2.0.0", "221 2.0.0");
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          MAIL FROM:<a@x.test> SMTPUTF8                         | 250 2.1.0
          MAIL FROM:<a@x.test> smtputf8 BODY=8BITMIME           | 250 2.1.0
          MAIL FROM:<> SMTPUTF8                                 | 250 2.1.0
          MAIL FROM:<a@x.test> SMTPUTF8=                        | 501 5.5.4
          MAIL FROM:<a@x.test> SMTPUTF8=1                       | 501 5.5.4
          MAIL FROM:<a@x.test> SMTPUTF8 FOO                     | 555 5.5.4
          MAIL FROM:<\u00fc@x.test> SMTPUTF8                    | 250 2.1.0
          MAIL FROM:<\u00fc@x.test>   SMTPUTF8   SIZE=1         | 250 2.1.0
          MAIL FROM:<a@b\u00fccher.test> SMTPUTF8               | 250 2.1.0
          MAIL FROM:<a.\u4f8b@\u4f8b\u5b50.test> SMTPUTF8       | 250 2.1.0
          MAIL FROM:<"\u00fc b"@x.test> SMTPUTF8                | 250 2.1.0
          MAIL FROM:<\ud83d\udca9@x.test> SMTPUTF8              | 250 2.1.0
          MAIL FROM:<@\u00fc.test:a@x.test> SMTPUTF8            | 250 2.1.0
          MAIL FROM:<%62@x.test> SMTPUTF8                       | 250 2.1.0
          MAIL FROM:<%124@x> SMTPUTF8                           | 250 2.1.0
          MAIL FROM:<%124a@x.t> SMTPUTF8                        | 250 2.1.0
          MAIL FROM:<%124@x.test> SMTPUTF8                      | 501 5.1.7
          MAIL FROM:<\u00fc@x.test>                             | 550 5.6.7
          MAIL FROM:<a@\u00fc.test>                             | 550 5.6.7
          MAIL FROM:<"\u00fc"@x.test>                           | 550 5.6.7
          MAIL FROM:<@\u00fc.test:a@x.test>                     | 550 5.6.7
          MAIL FROM:<a@-\u00fc.test>                            | 550 5.6.7
          MAIL FROM:<\u00fc@x.test> FOO                         | 555 5.5.4
          MAIL FROM:<a@-\u00fc.test> SMTPUTF8                   | 501 5.1.8
          MAIL FROM:<a@%62.test> SMTPUTF8                       | 501 5.1.8
          MAIL FROM:<a@\u00ad.test> SMTPUTF8                    | 501 5.1.8
          MAIL FROM:<a@\uff20.test> SMTPUTF8                    | 501 5.1.8
          MAIL FROM:<a@x.\u3002> SMTPUTF8                       | 501 5.1.8
          MAIL FROM:<a@..\u00fc> SMTPUTF8                       | 501 5.1.7
          MAIL FROM:<{e9}@x.test> SMTPUTF8                      | 501 5.1.7
          MAIL FROM:<{e9}@x.test>                               | 501 5.1.7
          MAIL FROM:<a@{e9}.test> SMTPUTF8                      | 501 5.1.7
          MAIL FROM:<"{c3}"@x.test> SMTPUTF8                    | 501 5.1.7
          MAIL FROM:<{c0}{ae}@x.test> SMTPUTF8                  | 501 5.1.7
          MAIL FROM:<{ed}{a0}{80}@x.test> SMTPUTF8              | 501 5.1.7
          MAIL FROM:<{f4}{90}{80}{80}@x.test> SMTPUTF8          | 501 5.1.7
          MAIL FROM:<a{c2}{85}@x.test> SMTPUTF8                 | 501 5.1.7
          MAIL FROM:<"a{c2}{80}"@x.test> SMTPUTF8               | 501 5.1.7
          MAIL FROM:<a{e2}{80}{a8}@x.test> SMTPUTF8             | 501 5.1.7
          MAIL FROM:<a{e2}{80}{a9}@x.test> SMTPUTF8             | 501 5.1.7
          MAIL FROM:<"\\\u00fc"@x.test> SMTPUTF8                | 501 5.1.7
          MAIL FROM:<a@[\u00fc]> SMTPUTF8                       | 501 5.1.7
          VRFY \u00fc SMTPUTF8                                  | 252 2.5.0
          VRFY \u00fc                                           | 252 2.5.0
          EHLO \u00fc.test                                      | 501 5.5.4
          """)
  void senders(String text, String codes) {
    check(SmtpStage.open(), HELLO, text, codes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          RCPT TO:<\u00fc@y.test>             | 250 2.1.5
          RCPT TO:<"\u00fc b"@y.test>         | 250 2.1.5
          RCPT TO:<b@b\u00fccher.test>        | 250 2.1.5
          RCPT TO:<b@B\u00dccher.TEST>        | 250 2.1.5
          RCPT TO:<b@y.test> SMTPUTF8         | 555 5.5.4
          RCPT TO:<\u00fc>                    | 501 5.1.3
          RCPT TO:<{e9}@y.test>               | 501 5.1.3
          RCPT TO:<b@y{e9}.test>              | 501 5.1.3
          RCPT TO:<b@\u00fc-.test>            | 501 5.1.2
          RCPT TO:<b@\u05d0a.test>            | 501 5.1.2
          """)
  void recipientsWithTheParameter(String text, String codes) {
    check(SmtpStage.open(), ASKED, text, codes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          RCPT TO:<\u00fc@y.test>             | 553 5.6.7
          RCPT TO:<b@\u00fc.test>             | 553 5.6.7
          RCPT TO:<@\u00fc.test:b@y.test>     | 553 5.6.7
          RCPT TO:<b@\u00fc-.test>            | 553 5.6.7
          RCPT TO:<{e9}@y.test>               | 501 5.1.3
          """)
  void recipientsWithoutTheParameter(String text, String codes) {
    check(SmtpStage.open(), HELLO + "MAIL FROM:<a@x.test>\r\n", text, codes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          B\u00fccher.test    | b@b\u00fccher.test      | 250 2.1.5
          B\u00fccher.test    | b@B\u00dcCHER.test      | 250 2.1.5
          B\u00fccher.test    | b@xn--bcher-kva.test    | 250 2.1.5
          xn--bcher-kva.test  | b@b\u00fccher.test      | 250 2.1.5
          b\u00fccher.test    | b@bucher.test           | 550 5.7.1
          bucher.test         | b@b\u00fccher.test      | 550 5.7.1
          fass.test           | b@fa\u00df.test         | 550 5.7.1
          """)
  void relayIsForDomainsInEitherSpelling(String domain, String recipient, String codes) {
    var stage = SmtpStage.plan().only("relay_domains = ( \"" + domain + "\" )").start();
    check(stage, ASKED, "RCPT TO:<" + recipient + ">", codes);
  }

  @Test
  void mailKeepsItsSpellingItsParameterAndItsOctets() {
    var stage = SmtpStage.open();
    var caller = stage.call(HELLO);
    var mail =
        octets(
            """
            MAIL FROM:<\u00fc@B\u00fccher.test> SMTPUTF8
            RCPT TO:<\u4f8b@\u4f8b\u5b50.test>
            DATA
            Subject: gr\u00fc\u00dfe

            hello
            .
            """
                .replace("\n", "\r\n"));
    assertThat(stage.say(caller, mail)).endsWith("354", "250 2.0.0");
    var kept = stage.spool.kept.getFirst();
    assertThat(kept.sender().toString()).isEqualTo("\u00fc@B\u00fccher.test");
    assertThat(kept.content())
        .contains("by mx.test (Flywheel) with UTF8SMTP id ")
        .endsWith(octets("Subject: gr\u00fc\u00dfe\r\n\r\nhello\r\n"));
    var message = stage.handedOver.getFirst();
    assertThat(message.recipient().toString()).isEqualTo("\u4f8b@\u4f8b\u5b50.test");
    assertThat(message.recipient().domain()).isEqualTo("xn--fsqu00a.test");
    assertThat(message.transaction().fields().has(Tag.SMTPUTF8)).isTrue();
    assertThat(message.transaction().shape().eightBitHeader()).isTrue();
    stage.checkNothingIsLeft();
  }

  @Test
  void parameterIsForOneTransaction() {
    var stage = SmtpStage.open();
    for (var end : new String[] {"RSET\r\n", "RCPT TO:<b@y.test>\r\nDATA\r\nx\r\n.\r\n", HELLO}) {
      var caller = stage.call(ASKED + end);
      assertThat(stage.say(caller, octets("MAIL FROM:<\u00fc@x.test>\r\n")))
          .containsExactly("550 5.6.7");
      assertThat(stage.say(caller, octets("MAIL FROM:<a@x.test>\r\nRCPT TO:<\u00fc@y.test>\r\n")))
          .containsExactly("250 2.1.0", "553 5.6.7");
    }
    stage.checkNothingIsLeft();
  }

  @Test
  void headerBeyondAsciiIsTakenWithoutTheParameterAndSaysNothing() {
    var stage = SmtpStage.open();
    var caller = stage.call(HELLO);
    // In ISO 8859-1, as old software sends it.
    assertThat(stage.say(caller, SmtpStage.MAIL.replace("hello", "Subject: gr\u00fc\u00dfe")))
        .endsWith("250 2.0.0");
    assertThat(stage.spool.kept.getFirst().content())
        .contains("with ESMTP id ")
        .endsWith("Subject: gr\u00fc\u00dfe\r\n");
    assertThat(stage.handedOver.getFirst().transaction().fields().has(Tag.SMTPUTF8)).isFalse();
    stage.checkNothingIsLeft();
  }

  @Test
  void bodyBeyondAsciiIsNoHeader() {
    var stage = SmtpStage.open();
    var caller = stage.call(HELLO);
    stage.say(caller, SmtpStage.MAIL.replace("hello", "Subject: x\r\n\r\ngr\u00fc\u00dfe"));
    var shape = stage.handedOver.getFirst().transaction().shape();
    assertThat(shape.eightBit()).isTrue();
    assertThat(shape.eightBitHeader()).isFalse();
    stage.checkNothingIsLeft();
  }

  @Test
  void refusalsNameTheAddress() {
    var stage = SmtpStage.open();
    stage.call(HELLO + octets("MAIL FROM:<a@x.test>\r\nRCPT TO:<\u00fc@y.test>\r\n"));
    var refusal =
        stage.events.events.stream()
            .filter(event -> event.type() == MailEvent.Type.REJECTION)
            .findFirst()
            .orElseThrow();
    assertThat(refusal.recipient()).isEqualTo("\u00fc@y.test");
    assertThat(refusal.reply().enhanced()).isEqualTo("5.6.7");
    stage.checkNothingIsLeft();
  }
}
