package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.flywheelmta.domain.Outcome.Delivered;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Tag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is passed on to hosts that offer DSN, and not to others (RFC 3461 section 5.2). */
final class ClientDsnTest {
  private static final Fields ASKED =
      Fields.NONE.with(Tag.DSN_RET, octets("HDRS")).with(Tag.DSN_ENVID, octets("q+2B1"));

  private final ClientRig rig = new ClientRig();

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Message mail(String... recipients) {
    var content = ClientRig.PLAIN.getBytes(StandardCharsets.US_ASCII);
    var batch = rig.batch(content, "sender@example.org", ASKED, recipients);
    rig.source.add(batch);
    return batch.getFirst();
  }

  @AfterEach
  void everythingIsGivenBack() {
    rig.session().abort();
    rig.assertOver();
  }

  private boolean tells(String recipient) {
    return rig.source.outcome(recipient) instanceof Delivered(var reply, var tells) && tells;
  }

  @Test
  void parametersArePassedOnAsTheyWereWritten() {
    var message = mail("a@b.example");
    message.amend(Tag.DSN_NOTIFY, octets("success,Delay"));
    message.amend(Tag.DSN_ORCPT, octets("rfc822;x+2By@b.example"));
    assertThat(rig.greet("250-PIPELINING|250 DSN"))
        .isEqualTo(
            "MAIL FROM:<sender@example.org> RET=HDRS ENVID=q+2B1|"
                + "RCPT TO:<a@b.example> NOTIFY=success,Delay ORCPT=rfc822;x+2By@b.example|DATA|");
    rig.peer("250 ok|250 ok|354 go");
    rig.peer("250 ok");
    assertThat(tells("a@b.example")).isTrue();
  }

  @Test
  void recipientIsItsOwnOriginalWhereNoneWasGiven() {
    mail("a+b=c@b.example");
    assertThat(rig.greet("250-PIPELINING|250 DSN"))
        .contains("RCPT TO:<a+b=c@b.example> ORCPT=rfc822;a+2Bb+3Dc@b.example|");
    rig.peer("250 ok|250 ok|354 go");
    rig.peer("250 ok");
  }

  @Test
  void originalBeyondAsciiIsSentInAscii() {
    var message = mail("a@b.example", "c\u00fc\\d@b.example");
    message.amend(Tag.DSN_ORCPT, octets("utf-8;\u00fc\\x{2B}@b.example"));
    assertThat(rig.greet("250-PIPELINING|250-SMTPUTF8|250 DSN"))
        .contains("RCPT TO:<a@b.example> ORCPT=utf-8;\\x{FC}\\x{2B}@b.example|")
        .contains("@b.example> ORCPT=utf-8;c\\x{FC}\\x{5C}d@b.example|");
    rig.peer("250 ok|250 ok|250 ok|354 go");
    rig.peer("250 ok");
  }

  @Test
  void hostWithoutTheExtensionGetsNoneAndWillNotTell() {
    var message = mail("a@b.example", "c@b.example");
    message.amend(Tag.DSN_NOTIFY, octets("SUCCESS"));
    assertThat(rig.greet("250 PIPELINING"))
        .isEqualTo(
            "MAIL FROM:<sender@example.org>|RCPT TO:<a@b.example>|RCPT TO:<c@b.example>|DATA|");
    rig.peer("250 ok|250 ok|250 ok|354 go");
    rig.peer("250 ok");
    assertThat(tells("a@b.example")).isFalse();
    assertThat(tells("c@b.example")).as("nobody asked").isTrue();
  }
}
