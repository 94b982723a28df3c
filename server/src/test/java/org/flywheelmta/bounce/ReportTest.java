package org.flywheelmta.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.bounce.BouncePolicy.Quoting;
import org.flywheelmta.domain.Bounces.Action;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Tag;
import org.flywheelmta.spool.SpoolRefusal;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a notification looks like (RFC 3464, RFC 6522, RFC 6533). */
class ReportTest {
  private static final byte[] NOTHING = new byte[0];

  private final BounceStage stage = new BounceStage();

  @AfterEach
  void everythingIsGivenBack() {
    stage.end();
  }

  private static String base64(String text, String type) {
    int at = text.indexOf("Content-Type: " + type + "\r\nContent-Transfer-Encoding: base64\r\n");
    assertThat(at).as("a part of type %s in %s", type, text).isNotNegative();
    int from = text.indexOf("\r\n\r\n", at) + 4;
    var body = text.substring(from, text.indexOf("\r\n--=_", from));
    return new String(Base64.getMimeDecoder().decode(body), StandardCharsets.UTF_8);
  }

  @Test
  void failureIsToldToTheLetter() {
    stage.shared = stage.with(stage.with(stage.shared, Tag.DSN_ENVID, "q+2B1"), 60_000, "x");
    stage.fields = stage.with(stage.fields, Tag.DSN_ORCPT, "rfc822;B+2Bob@example.com");
    var text = stage.told(Action.FAILED);
    var kept = stage.spool.kept.getFirst();
    var id = kept.id().toString();
    assertThat(kept.sender().isNull()).isTrue();
    assertThat(kept.recipients()).singleElement().hasToString("alice@example.org");
    assertThat(text)
        .isEqualTo(
            """
            From: Mail Delivery System <MAILER-DAEMON@mta.test>
            To: <alice@example.org>
            Subject: Your mail could not be delivered
            Date: Fri, 15 Jan 2027 08:00:01 +0000
            Message-ID: <ID@mta.test>
            Auto-Submitted: auto-replied
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=delivery-status;
            \tboundary="=_ID"

            --=_ID
            Content-Type: text/plain

            This is the mail system of mta.test.

            Your mail of Fri, 15 Jan 2027 07:43:20 +0000 to

                <bob@example.com>

            could not be delivered, and will not be tried again.

            The other side, 192.0.2.1:25, said:

                550 5.1.1 nobody of that name

            --=_ID
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mta.test
            Original-Envelope-Id: q+1
            Arrival-Date: Fri, 15 Jan 2027 07:43:20 +0000

            Original-Recipient: rfc822; B+ob@example.com
            Final-Recipient: rfc822; bob@example.com
            Action: failed
            Status: 5.1.1
            Remote-MTA: dns; [192.0.2.1]
            Diagnostic-Code: smtp; 550 5.1.1 nobody of that name
            Last-Attempt-Date: Fri, 15 Jan 2027 08:00:01 +0000

            --=_ID
            Content-Type: text/rfc822-headers

            Subject: x
            X-Long: a
             b

            --=_ID--
            """
                .replace("ID@", id + "@")
                .replace("=_ID", "=_" + id)
                .replace("\n", "\r\n"));
    var message = stage.handedOver.getFirst();
    assertThat(message.transaction().shape()).isEqualTo(new Content.Shape(false, false, true));
    assertThat(stage.spool.outcomes).singleElement().extracting("recipient").isEqualTo(0);
  }

  @Test
  void contentThatIsInMemoryNeedsNoRead() {
    stage.inMemory = true;
    assertThat(stage.told(Action.FAILED)).contains("\r\nSubject: x\r\n");
    assertThat(stage.spool.loaded).isEmpty();
  }

  @Test
  void nothingIsQuotedOrReadWhereNothingIsWanted() {
    stage.policy = BounceStage.policy(Quoting.NONE, 0, 0);
    assertThat(stage.told(Action.FAILED)).doesNotContain("rfc822-headers");
    assertThat(stage.spool.loaded).isEmpty();
  }

  @Test
  void senderSaysHowMuchIsQuoted() {
    stage.shared = stage.with(stage.shared, Tag.DSN_RET, "full");
    assertThat(stage.told(Action.FAILED))
        .contains("Content-Type: message/rfc822\r\n\r\nSubject: x\r\n")
        .contains("\r\n\r\nHello\r\n.dot\r\n\r\n--=_");
    assertThat(stage.handedOver.getFirst().transaction().shape().dotLines()).isTrue();
  }

  @Test
  void senderMaySayThatHeadersAreEnough() {
    stage.shared = stage.with(stage.shared, Tag.DSN_RET, "HDRS");
    stage.policy = BounceStage.policy(Quoting.FULL, 1000, 0);
    assertThat(stage.told(Action.FAILED)).contains("rfc822-headers").doesNotContain("Hello");
  }

  @Test
  void mailAboveTheLimitOrBeyondAsciiIsQuotedByItsHeader() {
    stage.policy = BounceStage.policy(Quoting.FULL, 20, 0);
    assertThat(stage.told(Action.FAILED)).contains("rfc822-headers").doesNotContain("Hello");
    var other = new BounceStage();
    other.policy = BounceStage.policy(Quoting.FULL, 10_000, 0);
    other.inMemory = true;
    other.content = BounceStage.octets("Subject: x\r\n\r\ngr\u00fc\u00dfe\r\n");
    assertThat(other.told(Action.FAILED)).contains("rfc822-headers").doesNotContain("gr\u00c3");
    other.end();
  }

  @Test
  void largeMailIsQuotedAsAWholeWhereThatIsAllowed() {
    stage.policy = BounceStage.policy(Quoting.FULL, 2 << 20, 0);
    stage.content = BounceStage.octets("Subject: x\r\n\r\n" + "0123456789\r\n".repeat(100_000));
    assertThat(stage.told(Action.FAILED)).hasSizeGreaterThan(1_200_000).endsWith("--\r\n");
  }

  @Test
  void longHeaderIsCutBetweenFields() {
    var header = new StringBuilder();
    while (header.length() < Quoted.MAX_HEADER_BYTES + 5_000) {
      header.append("X-Field: ").append("v".repeat(70)).append("\r\n\tfolded\r\n");
    }
    stage.content = BounceStage.octets(header + "\r\nHello\r\n");
    var text = stage.told(Action.FAILED);
    assertThat(text).hasSizeLessThan(Quoted.MAX_HEADER_BYTES + 2_000);
    assertThat(text).contains("\r\n\tfolded\r\n\r\n--=_").doesNotContain("Hello");
  }

  @Test
  void contentThatIsLostIsNotQuotedAndOneThatIsShortIsRefused() {
    stage.spool.contentIsShort = true;
    assertThat(stage.tell(Action.FAILED)).isNull();
    assertThat(stage.spool.outcomes).isEmpty();
    var other = new BounceStage();
    other.losesContent = true;
    assertThat(other.told(Action.FAILED))
        .contains("Status: 5.1.1")
        .doesNotContain("rfc822-headers");
    other.end();
  }

  @Test
  void refusalOfTheSpoolIsPassedOnAndNothingIsHeld() {
    stage.spool.refusal = SpoolRefusal.FULL;
    assertThat(stage.tell(Action.FAILED)).isNull();
    assertThat(stage.handedOver).isEmpty();
  }

  @Test
  void eventLogWithoutRoomIsARefusal() {
    stage.events.room = 0;
    assertThat(stage.tell(Action.FAILED)).isNull();
  }

  @Test
  void memoryWithoutRoomIsARefusal() {
    stage.memory = new MemoryBudget("memory_limit", 100);
    assertThat(stage.tell(Action.FAILED)).isNull();
  }

  @Test
  void expiryHasTheCodeOfWhatEndedIt() {
    stage.kind = Kind.EXPIRED;
    stage.reply = new Reply("expiry", 0, "5.4.7", "not delivered within its lifetime");
    var text = stage.told(Action.FAILED);
    assertThat(text)
        .contains("\r\nAction: failed\r\nStatus: 4.4.7\r\n")
        .contains("could not be delivered in time")
        .contains("Diagnostic-Code: x-flywheel; not delivered within its lifetime\r\n")
        .doesNotContain("Remote-MTA");
    var other = new BounceStage();
    other.kind = Kind.EXPIRED;
    other.attempts = 0;
    other.reply = stage.reply;
    assertThat(other.told(Action.FAILED))
        .contains("Status: 5.4.7\r\n")
        .doesNotContain("Last-Attempt-Date");
    other.end();
  }

  @Test
  void delayIsToldWithItsEnd() {
    stage.kind = Kind.WAITING;
    stage.shared = stage.with(stage.shared, Tag.DSN_RET, "FULL");
    stage.reply = new Reply("rcpt", 450, "", "try later");
    assertThat(stage.told(Action.DELAYED))
        .contains("\r\nSubject: Your mail is late\r\n")
        .contains("\r\nAction: delayed\r\nStatus: 4.0.0\r\n")
        .contains("\r\nWill-Retry-Until: Sat, 16 Jan 2027 08:00:01 +0000\r\n")
        .contains("text/rfc822-headers");
  }

  @Test
  void relayIsTold() {
    stage.kind = Kind.DELIVERED;
    stage.reply = new Reply("end", 250, "2.0.0", "queued");
    assertThat(stage.told(Action.RELAYED))
        .contains("\r\nAction: relayed\r\nStatus: 2.0.0\r\n")
        .contains("Diagnostic-Code: smtp; 250 2.0.0 queued\r\n");
  }

  @Test
  void codeOfAnotherClassIsNotPassedOff() {
    stage.reply = new Reply("rcpt", 550, "4.2.2", "odd");
    assertThat(stage.told(Action.FAILED)).contains("\r\nStatus: 5.0.0\r\n");
  }

  @Test
  void textOfAnotherSideNeverEndsAField() {
    stage.reply = new Reply("rcpt", 550, "5.1.1", "no\r\nBcc: x@y\u0085z\u2028 \u00fc\u0007");
    var text = stage.told(Action.FAILED);
    assertThat(text).contains("Diagnostic-Code: smtp; 550 5.1.1 no  Bcc: x@y z  ? \r\n".strip());
    assertThat(text.lines()).noneMatch(line -> line.startsWith("Bcc"));
  }

  @Test
  void addressesBeyondAsciiTravelInAscii() {
    stage.shared = stage.shared.with(Tag.SMTPUTF8, NOTHING);
    stage.sender = "alice@b\u00fccher.example";
    stage.recipient = "j\u00fcrgen@b\u00fccher.example";
    stage.content = BounceStage.octets("Subject: gr\u00fc\u00dfe\r\n\r\nHello\r\n");
    var text = stage.told(Action.FAILED);
    assertThat(text.chars()).allMatch(c -> c < 128);
    assertThat(text).contains("\r\nTo: <alice@xn--bcher-kva.example>\r\n");
    assertThat(base64(text, "text/plain; charset=utf-8")).contains("<" + stage.recipient + ">");
    assertThat(base64(text, "message/global-delivery-status"))
        .contains("\r\nFinal-Recipient: utf-8; j\u00fcrgen@b\u00fccher.example\r\n");
    assertThat(base64(text, "message/global-headers")).isEqualTo("Subject: gr\u00fc\u00dfe\r\n");
    assertThat(stage.handedOver.getFirst().transaction().fields().has(Tag.SMTPUTF8)).isFalse();
  }

  @Test
  void senderWithoutAnAsciiFormNeedsUtf8() {
    stage.shared = stage.shared.with(Tag.SMTPUTF8, NOTHING);
    stage.sender = "\u00e9va@b\u00fccher.example";
    stage.told(Action.FAILED);
    var message = stage.handedOver.getFirst();
    assertThat(message.recipient()).hasToString(stage.sender);
    assertThat(message.transaction().fields().has(Tag.SMTPUTF8)).isTrue();
    assertThat(message.transaction().shape().eightBitHeader()).isTrue();
  }

  @Test
  void whoNeverAskedForUtf8GetsTheEncodedForm() {
    stage.recipient = "j\u00fcrgen@example.com";
    stage.content = new byte[] {'S', ':', ' ', (byte) 0xe4, '\r', '\n', '\r', '\n'};
    var text = stage.told(Action.FAILED);
    assertThat(text)
        .contains("\r\nFinal-Recipient: utf-8; j\\x{FC}rgen@example.com\r\n")
        .contains("Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: base64\r\n")
        .doesNotContain("global");
    assertThat(text.chars()).allMatch(c -> c < 128);
  }

  @Test
  void senderWithoutADomainIsOfThisServer() {
    stage.sender = "postmaster";
    assertThat(stage.told(Action.FAILED)).contains("\r\nTo: <postmaster@mta.test>\r\n");
  }
}
