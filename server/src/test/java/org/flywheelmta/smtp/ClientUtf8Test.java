package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.flywheelmta.domain.Outcome;
import org.flywheelmta.domain.Outcome.Delivered;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mail beyond ASCII to peers that take it and to peers that do not (RFC 6531 section 3.2). */
final class ClientUtf8Test {
  private static final Fields ASKED = Fields.NONE.with(Tag.SMTPUTF8, new byte[0]);
  private static final String SENDER = "sender@example.org";
  private static final String UTF8_HEADER = octets("Subject: gr\u00fc\u00dfe\r\n\r\nHello\r\n");
  private static final String UTF8_BODY = octets("Subject: x\r\n\r\ngr\u00fc\u00dfe\r\n");
  private static final String MAIL = "MAIL FROM:<sender@example.org>";

  private final ClientRig rig = new ClientRig();

  /** The octets of UTF-8, each as a character, as the rig shows and takes them. */
  private static String octets(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  @AfterEach
  void everythingIsGivenBack() {
    rig.session().abort();
    rig.assertOver();
  }

  private Outcome outcome(String recipient) {
    return Objects.requireNonNull(rig.source.outcomes().get(recipient), recipient);
  }

  private void assertFailed(String recipient, String stage, String enhanced) {
    assertThat(outcome(recipient)).isInstanceOf(PermanentFailure.class);
    assertThat(outcome(recipient).reply().stage()).isEqualTo(stage);
    assertThat(outcome(recipient).reply().enhanced()).isEqualTo(enhanced);
  }

  @Test
  void mailOfAsciiGoesAnywhereWithoutTheParameterEvenIfItWasGivenWithIt() {
    rig.mail(ClientRig.PLAIN, SENDER, ASKED, "a@b.example");
    assertThat(rig.greet("250-8BITMIME|250 SMTPUTF8")).isEqualTo(MAIL + "|");
    rig.peer("550 no");
  }

  @Test
  void mailOfAsciiGoesToAPeerThatOffersNothing() {
    rig.mail(ClientRig.PLAIN, SENDER, ASKED, "a@b.example");
    assertThat(rig.greet("")).isEqualTo(MAIL + "|");
    rig.peer("550 no");
  }

  @Test
  void whatNeedsTheParameterHasItWhereItIsOffered() {
    rig.mail(UTF8_HEADER, SENDER, ASKED, "a@b.example");
    rig.mail(UTF8_BODY, SENDER, ASKED, "b@b.example");
    rig.mail(ClientRig.PLAIN, "\u00fc@example.org", ASKED, "c@b.example");
    rig.mail(ClientRig.PLAIN, SENDER, ASKED, "d@b.example", "\u00fc@b\u00fccher.example");
    assertThat(rig.greet("250-8BITMIME|250-PIPELINING|250 SMTPUTF8"))
        .isEqualTo(MAIL + " BODY=8BITMIME SMTPUTF8|RCPT TO:<a@b.example>|DATA|");
    assertThat(rig.peer("550 no|503 no|503 no"))
        .isEqualTo(MAIL + " BODY=8BITMIME|RCPT TO:<b@b.example>|DATA|");
    assertThat(rig.peer("550 no|503 no|503 no"))
        .isEqualTo(octets("MAIL FROM:<\u00fc@example.org> SMTPUTF8|RCPT TO:<c@b.example>|DATA|"));
    // Where it is offered the domain stays as its sender wrote it.
    assertThat(rig.peer("550 no|503 no|503 no"))
        .isEqualTo(
            octets(
                MAIL
                    + " SMTPUTF8|RCPT TO:<d@b.example>|RCPT TO:<\u00fc@b\u00fccher.example>|DATA|"));
    rig.peer("550 no|503 no|503 no|503 no");
  }

  @Test
  void recipientThatHasNoAsciiFormFailsAndTheOthersGetTheMail() {
    rig.mail(
        ClientRig.PLAIN,
        SENDER,
        ASKED,
        "\u00fc@b.example",
        "a@B\u00fccher.example",
        "b@b.example",
        "c@-\u00fc.example");
    assertThat(rig.greet("250-8BITMIME|250 PIPELINING"))
        .isEqualTo(MAIL + "|RCPT TO:<a@xn--bcher-kva.example>|RCPT TO:<b@b.example>|DATA|");
    assertFailed("\u00fc@b.example", "rcpt", "5.6.7");
    assertFailed("c@-\u00fc.example", "rcpt", "5.6.7");
    rig.peer("250 ok|250 ok|250 ok|354 go");
    rig.peer("250 ok");
    assertThat(outcome("a@B\u00fccher.example")).isInstanceOf(Delivered.class);
    assertThat(outcome("b@b.example")).isInstanceOf(Delivered.class);
  }

  @Test
  void addressWhoseAsciiFormIsTooLongForAPathFails() {
    var recipient = "l".repeat(220) + "@" + "\u00fc.".repeat(8) + "t";
    rig.mail(ClientRig.PLAIN, SENDER, ASKED, recipient, "b@b.example");
    assertThat(rig.greet("250 PIPELINING")).isEqualTo(MAIL + "|RCPT TO:<b@b.example>|DATA|");
    assertFailed(recipient, "rcpt", "5.6.7");
    rig.peer("550 no|503 no|503 no");
  }

  @Test
  void senderWithoutAnAsciiFormFailsTheMailAndTheSessionGoesOn() {
    rig.mail(ClientRig.PLAIN, "\u00fc@example.org", ASKED, "a@b.example", "b@b.example");
    rig.mail(ClientRig.PLAIN, "s@b\u00fccher.example", ASKED, "c@b.example");
    assertThat(rig.greet("250 8BITMIME")).isEqualTo("MAIL FROM:<s@xn--bcher-kva.example>|");
    assertFailed("a@b.example", "mail", "5.6.7");
    assertFailed("b@b.example", "mail", "5.6.7");
    rig.peer("550 no");
  }

  @Test
  void headerBeyondAsciiFailsTheMailAndTheSessionGoesOn() {
    rig.mail(UTF8_HEADER, SENDER, ASKED, "a@b.example", "b@b.example");
    rig.mail(UTF8_BODY, SENDER, ASKED, "c@b.example");
    assertThat(rig.greet("250 8BITMIME")).isEqualTo(MAIL + " BODY=8BITMIME|");
    assertFailed("a@b.example", "mail", "5.6.9");
    assertFailed("b@b.example", "mail", "5.6.9");
    rig.peer("550 no");
  }

  @Test
  void headerInAnUnknownCharacterSetGoesAsItCame() {
    rig.mail("Subject: gr\u00fc\u00dfe\r\n\r\nHello\r\n", SENDER, Fields.NONE, "a@b.example");
    rig.mail("Subject: gr\u00fc\u00dfe\r\n\r\nHello\r\n", SENDER, Fields.NONE, "b@b.example");
    assertThat(rig.greet("250-SMTPUTF8|250 8BITMIME")).isEqualTo(MAIL + " BODY=8BITMIME|");
    assertThat(rig.peer("550 no")).isEqualTo(MAIL + " BODY=8BITMIME|");
    rig.peer("550 no");
  }

  @Test
  void helloWithoutExtensionsTakesBackWhatWasOffered() {
    rig.mail(ClientRig.PLAIN, SENDER, ASKED, "\u00fc@b.example");
    rig.open();
    rig.peer("220 peer.example");
    assertThat(rig.peer("502-SMTPUTF8|502 SMTPUTF8")).startsWith("HELO ");
    assertThat(rig.peer("250 peer.example")).isEmpty();
    assertFailed("\u00fc@b.example", "rcpt", "5.6.7");
  }
}
