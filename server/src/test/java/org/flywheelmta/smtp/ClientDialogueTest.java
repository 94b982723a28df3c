package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.flywheelmta.domain.Outcome;
import org.flywheelmta.domain.Outcome.Delivered;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is said, word for word. */
class ClientDialogueTest {
  private static final String MAIL = "MAIL FROM:<sender@example.org>|";
  private static final String BODY = "Subject: x||Hello|.|";

  private final ClientRig rig = new ClientRig();

  @AfterEach
  void sessionEndsAndGivesEverythingBack() {
    rig.loop.pass(rig.policy.idleTimeoutNanos());
    rig.peer("221 bye");
    rig.assertOver();
  }

  private Outcome outcome(String recipient) {
    return rig.source.outcome(recipient);
  }

  @Test
  void envelopeGoesStepByStepWithoutPipelining() {
    rig.mail("a@b.example", "c@b.example").open();
    assertThat(rig.said()).isEmpty();
    assertThat(rig.peer("220 hello")).isEqualTo("EHLO client.example|");
    assertThat(rig.peer("250 peer")).isEqualTo(MAIL);
    assertThat(rig.peer("250 ok")).isEqualTo("RCPT TO:<a@b.example>|");
    assertThat(rig.peer("250 ok")).isEqualTo("RCPT TO:<c@b.example>|");
    assertThat(rig.peer("250 ok")).isEqualTo("DATA|");
    assertThat(rig.peer("354 go")).isEqualTo(BODY);
    assertThat(rig.source.outcomes()).isEmpty();
    assertThat(rig.peer("250 2.0.0 taken as 17")).isEmpty();
    var reply = new Reply("end", 250, "2.0.0", "taken as 17");
    assertThat(outcome("a@b.example")).isEqualTo(new Delivered(reply));
    assertThat(outcome("c@b.example")).isEqualTo(new Delivered(reply));
  }

  @Test
  void envelopeGoesInOnePieceWithPipelining() {
    rig.mail("a@b.example", "c@b.example");
    assertThat(rig.greet("250 PIPELINING"))
        .isEqualTo(MAIL + "RCPT TO:<a@b.example>|RCPT TO:<c@b.example>|DATA|");
    assertThat(rig.peer("250 ok|250 ok|250 ok|354 go")).isEqualTo(BODY);
    rig.peer("250 ok");
    assertThat(outcome("c@b.example")).isInstanceOf(Delivered.class);
  }

  @Test
  void eachRecipientHasItsOwnOutcome() {
    rig.mail("a@b.example", "c@b.example", "d@b.example", "e@b.example");
    rig.greet("250 PIPELINING");
    rig.peer("250 ok|250 ok|550 5.1.1 no such user|452 4.5.3 too many|251 will forward");
    assertThat(outcome("c@b.example"))
        .isEqualTo(new PermanentFailure(new Reply("rcpt", 550, "5.1.1", "no such user")));
    assertThat(outcome("d@b.example"))
        .isEqualTo(
            new TransientFailure(new Reply("rcpt", 452, "4.5.3", "too many"), Scope.MESSAGE));
    assertThat(rig.peer("354 go")).isEqualTo(BODY);
    rig.peer("250 taken");
    assertThat(outcome("a@b.example")).isInstanceOf(Delivered.class);
    assertThat(outcome("e@b.example")).isInstanceOf(Delivered.class);
  }

  @Test
  void dataAcceptedWithoutRecipientsGetsTheEndOfDataAlone() {
    rig.mail("a@b.example").mail("next@b.example");
    rig.greet("250 PIPELINING");
    assertThat(rig.peer("250 ok|550 no|354 go")).isEqualTo(".|");
    assertThat(rig.peer("554 nothing to take")).isEqualTo(MAIL + "RCPT TO:<next@b.example>|DATA|");
    assertThat(outcome("a@b.example"))
        .isEqualTo(new PermanentFailure(new Reply("rcpt", 550, "", "no")));
    rig.peer("250 ok|250 ok|354 go");
    rig.peer("250 ok");
  }

  @Test
  void refusedSenderDecidesForAllAndNeedsNoReset() {
    rig.mail("a@b.example", "c@b.example").mail("next@b.example");
    rig.greet("250 PIPELINING");
    rig.peer("451 4.7.1 greylisted");
    var failure =
        new TransientFailure(new Reply("mail", 451, "4.7.1", "greylisted"), Scope.MESSAGE);
    assertThat(outcome("a@b.example")).isEqualTo(failure);
    assertThat(outcome("c@b.example")).isEqualTo(failure);
    assertThat(rig.peer("503 what|250 odd|503 what"))
        .isEqualTo(MAIL + "RCPT TO:<next@b.example>|DATA|");
    rig.peer("550 no|503 no|503 no");
  }

  @Test
  void abortedEnvelopeIsResetBeforeTheNext() {
    rig.mail("a@b.example").mail("next@b.example");
    rig.greet("");
    rig.peer("250 ok");
    assertThat(rig.peer("550 no")).isEqualTo("RSET|");
    assertThat(rig.source.asked()).isEqualTo(1);
    assertThat(rig.peer("250 ok")).isEqualTo(MAIL);
    rig.peer("550 no");
  }

  @Test
  void nextMailFollowsARepliedOneWithoutReset() {
    rig.mail("a@b.example").mail("next@b.example");
    rig.greet("");
    rig.peer("250 ok");
    rig.peer("250 ok");
    rig.peer("354 go");
    assertThat(rig.peer("554 no")).isEqualTo(MAIL);
    rig.peer("250 ok");
    rig.peer("250 ok");
    rig.peer("354 go");
    assertThat(rig.peer("250 ok")).isEmpty();
    assertThat(outcome("a@b.example")).isInstanceOf(PermanentFailure.class);
    assertThat(outcome("next@b.example")).isInstanceOf(Delivered.class);
  }

  @Test
  void heloIsSaidWhereEhloIsUnknown() {
    rig.mail("caf\u00e9 is 8-bit", "s@example.org", Fields.NONE, "a@b.example");
    rig.open();
    rig.peer("220 hello");
    // What a refusal lists is no offer.
    assertThat(rig.peer("500-peer|500-8BITMIME|500 PIPELINING")).isEqualTo("HELO client.example|");
    assertThat(rig.peer("250-peer|250 8BITMIME")).isEmpty();
    assertThat(outcome("a@b.example").reply().enhanced()).isEqualTo("5.6.3");
  }

  @Test
  void eightBitContentNeedsAPeerThatTakesIt() {
    rig.mail("caf\u00e9", "s@example.org", Fields.NONE, "a@b.example").mail("next@b.example");
    assertThat(rig.greet("250 PIPELINING")).isEqualTo(MAIL + "RCPT TO:<next@b.example>|DATA|");
    assertThat(outcome("a@b.example"))
        .isInstanceOfSatisfying(
            PermanentFailure.class,
            failure -> {
              assertThat(failure.reply().code()).isZero();
              assertThat(failure.reply().enhanced()).isEqualTo("5.6.3");
            });
    rig.peer("550 no|503 no|503 no");
  }

  @Test
  void eightBitContentIsDeclared() {
    rig.mail("caf\u00e9", "", Fields.NONE, "a@b.example");
    assertThat(rig.greet("250 8bitmime")).isEqualTo("MAIL FROM:<> BODY=8BITMIME|");
    rig.peer("550 no");
  }

  @Test
  void eightBitBodyThatTheSenderDeclaredIsPassedOn() {
    var fields = Fields.NONE.with(Tag.BODY, new byte[] {8});
    rig.mail("ascii", "", fields, "a@b.example");
    assertThat(rig.greet("250 8BITMIME")).isEqualTo("MAIL FROM:<> BODY=8BITMIME|");
    rig.peer("550 no");
  }

  @Test
  void sizeIsDeclaredAndItsLimitKept() {
    rig.mail("12345678", "", Fields.NONE, "fits@b.example");
    rig.mail("123456789", "", Fields.NONE, "large@b.example");
    // The line end that the content lacks is counted too.
    assertThat(rig.greet("250 SIZE 10")).isEqualTo("MAIL FROM:<> SIZE=10|");
    assertThat(rig.peer("550 no")).isEmpty();
    assertThat(outcome("large@b.example").reply().enhanced()).isEqualTo("5.3.4");
    assertThat(outcome("large@b.example")).isInstanceOf(PermanentFailure.class);
  }

  @Test
  void sizeWithoutALimitRefusesNothing() {
    rig.mail("12345678", "", Fields.NONE, "a@b.example");
    assertThat(rig.greet("250-SIZE|250 SIZE 0")).isEqualTo("MAIL FROM:<> SIZE=10|");
    rig.peer("550 no");
  }

  @Test
  void addressThatWouldBreakItsLineIsNeverSent() {
    rig.mail("a@b.example>\r\nRCPT TO:<x@y.example", "good@b.example");
    rig.mail("", "bad sender@example.org", Fields.NONE, "other@b.example");
    assertThat(rig.greet("250 PIPELINING")).isEqualTo(MAIL + "RCPT TO:<good@b.example>|DATA|");
    rig.peer("550 no|503 no|503 no");
    assertThat(outcome("a@b.example>\r\nRCPT TO:<x@y.example").reply().enhanced())
        .isEqualTo("5.1.3");
    assertThat(outcome("other@b.example").reply().enhanced()).isEqualTo("5.1.7");
  }

  @Test
  void addressesBeyondAsciiNeedAPeerThatTakesThem() {
    rig.mail("\u00fc@b.example", "a@b.example");
    assertThat(rig.greet("250 8BITMIME")).isEqualTo(MAIL);
    assertThat(outcome("\u00fc@b.example").reply().enhanced()).isEqualTo("5.6.7");
    rig.peer("550 no");
  }

  @Test
  void addressesBeyondAsciiAreDeclared() {
    rig.mail("\u00fc@b.example", "a@b.example");
    assertThat(rig.greet("250 SMTPUTF8")).isEqualTo("MAIL FROM:<sender@example.org> SMTPUTF8|");
    rig.peer("550 no");
  }

  @Test
  void largeBatchesGoInSeveralTransactions() {
    rig.limits(0, 2);
    rig.mail("a@b.example", "c@b.example", "d@b.example");
    assertThat(rig.greet("250 PIPELINING"))
        .isEqualTo(MAIL + "RCPT TO:<a@b.example>|RCPT TO:<c@b.example>|DATA|");
    rig.peer("250 ok|250 ok|250 ok|354 go");
    assertThat(rig.peer("250 ok")).isEqualTo(MAIL + "RCPT TO:<d@b.example>|DATA|");
    // What was lost before its end of data is another transaction's matter.
    rig.peer("421 closing");
    assertThat(outcome("a@b.example")).isInstanceOf(Delivered.class);
    assertThat(outcome("d@b.example"))
        .isEqualTo(new TransientFailure(new Reply("mail", 421, "", "closing"), Scope.SESSION));
  }
}
