package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.flywheelmta.spool.SpoolRefusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that vanish: nothing is left of them, in whatever state they go. */
final class DisconnectTest {
  private static final String WHOLE =
      SmtpStage.ENVELOPE + "DATA\r\nhello\r\n.world\r\n\r\n.\r\nRSET\r\nNOOP\r\n";

  @Test
  void clientMayVanishAfterAnyOctet() {
    var stage = SmtpStage.open();
    int mails = 0;
    int end = WHOLE.indexOf("\r\n.\r\n") + 5;
    for (int octets = 0; octets <= WHOLE.length(); octets++) {
      var caller = stage.call(WHOLE.substring(0, octets));
      caller.hangUp();
      stage.moment();
      mails += octets >= end ? 1 : 0;
      assertThat(stage.listener.connections()).as("after " + octets).isZero();
      assertThat(stage.spool.kept).as("after " + octets).hasSize(mails);
      stage.checkNothingIsLeft();
    }
  }

  @Test
  void clientMayVanishWhileItIsSpeaking() {
    var stage = SmtpStage.open();
    stage.cut(5);
    for (int octets = 1; octets <= WHOLE.length(); octets += 3) {
      var caller = stage.call();
      caller.say(WHOLE.substring(0, octets));
      caller.hangUp();
      stage.moment();
      stage.checkNothingIsLeft();
    }
  }

  @ParameterizedTest
  @EnumSource
  void networkMayBreakAtAnyPoint(Deciding.Point point) {
    var stage = SmtpStage.open();
    var caller = stage.call(point.said);
    stage.world.wire().reset(_ -> true);
    stage.moment();
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void clientMayVanishWhileItsMailIsCommitted(boolean committed) {
    var stage = SmtpStage.open();
    stage.spool.holding = true;
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\nhello\r\n.\r\n");
    assertThat(caller.codes()).endsWith("354");
    assertThat(stage.spool.held()).isEqualTo(1);
    caller.hangUp();
    stage.moment();
    assertThat(stage.listener.connections()).isZero();
    stage.spool.refusal = committed ? null : SpoolRefusal.FULL;
    stage.spool.letGo();
    stage.moment();
    // It was not answered, and is delivered all the same: the client may send it again (RFC 1047).
    assertThat(stage.handedOver).hasSize(committed ? 1 : 0);
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource
  void refusalsOfTheSpoolHaveTheirCodes(SpoolRefusal refusal) {
    var stage = SmtpStage.open();
    stage.spool.refusal = refusal;
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\nhello\r\n.\r\n");
    var code =
        switch (refusal) {
          case FULL -> "452 4.3.1";
          case SEALED -> "451 4.3.0";
          case STOPPING -> "421 4.3.2";
        };
    assertThat(caller.codes()).endsWith(code);
    assertThat(caller.closed()).isEqualTo(refusal == SpoolRefusal.STOPPING);
    assertThat(stage.handedOver).isEmpty();
    stage.checkNothingIsLeft();
  }

  @Test
  void eventLogWithoutRoomRefusesTheMail() {
    var stage = SmtpStage.open();
    stage.events.room = 1;
    var caller = stage.call("EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n");
    var two = "RCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\nDATA\r\nx\r\n.\r\n";
    assertThat(stage.say(caller, two)).endsWith("452 4.3.1");
    assertThat(stage.spool.kept).isEmpty();
    assertThat(stage.say(caller, SmtpStage.MAIL)).endsWith("250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void pipelinedInputWaitsForTheCommit() {
    var stage = SmtpStage.open();
    stage.spool.holding = true;
    var caller = stage.call("EHLO c.test\r\n" + SmtpStage.MAIL + SmtpStage.MAIL + "QUIT\r\n");
    assertThat(caller.codes()).endsWith("354").hasSize(5);
    stage.spool.letGo(1);
    stage.moment();
    assertThat(caller.codes()).endsWith("250 2.0.0", "250 2.1.0", "250 2.1.5", "354");
    stage.spool.letGo();
    stage.moment();
    assertThat(caller.codes()).endsWith("250 2.0.0", "221 2.0.0");
    stage.checkNothingIsLeft();
  }
}
