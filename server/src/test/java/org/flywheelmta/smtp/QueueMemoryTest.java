package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.spool.SpoolRefusal;
import org.junit.jupiter.api.Test;

/** Room for messages: taken at RCPT, and given back with the last reference. */
final class QueueMemoryTest {
  private static final String RCPT = "RCPT TO:<b@y.test>\r\n";
  private static final long ENTRY =
      Message.entryBytes(Fields.NONE, Address.of("b@y.test"), Fields.NONE);

  private static SmtpStage stage(int messages) {
    return SmtpStage.plan().queueMemory(messages * ENTRY).start();
  }

  @Test
  void recipientIsRefusedWhenTheBudgetIsFullAndTheOthersAreKept() {
    var stage = stage(4);
    var caller = stage.call("EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n");
    assertThat(stage.say(caller, RCPT.repeat(6)))
        .containsExactly(
            "250 2.1.5", "250 2.1.5", "250 2.1.5", "250 2.1.5", "452 4.3.1", "452 4.3.1");
    assertThat(stage.queueMemory.taken()).isEqualTo(4 * ENTRY);
    // What has its room goes through, although no new mail begins.
    assertThat(stage.say(caller, "DATA\r\nhello\r\n.\r\n")).containsExactly("354", "250 2.0.0");
    assertThat(stage.say(caller, "MAIL FROM:<a@x.test>\r\n")).containsExactly("452 4.3.1");
    assertThat(stage.handedOver).hasSize(4);
    stage.handedOver.removeFirst().release();
    assertThat(stage.queueMemory.taken()).isEqualTo(3 * ENTRY);
    stage.takeMessages();
    assertThat(stage.queueMemory.taken()).isZero();
    assertThat(stage.say(caller, SmtpStage.MAIL)).endsWith("354", "250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void fullBudgetIsNoErrorOfTheClient() {
    var stage = stage(1);
    var caller = stage.call(SmtpStage.ENVELOPE);
    assertThat(stage.say(caller, RCPT.repeat(50))).containsOnly("452 4.3.1").hasSize(50);
    assertThat(stage.say(caller, "DATA\r\nhello\r\n.\r\n")).containsExactly("354", "250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void roomComesBackWithWhateverEndsTheTransaction() {
    var stage = stage(100);
    for (var end : new String[] {"RSET\r\n", "EHLO c.test\r\n", "QUIT\r\n"}) {
      stage.call(SmtpStage.ENVELOPE + RCPT + end);
      assertThat(stage.queueMemory.taken()).as(end).isZero();
    }
    stage.call(SmtpStage.ENVELOPE + RCPT).hangUp();
    stage.moment();
    assertThat(stage.queueMemory.taken()).isZero();
    stage.call(SmtpStage.ENVELOPE + RCPT + "DATA\r\nlone\nbreak\r\n.\r\n");
    assertThat(stage.queueMemory.taken()).isZero();
    stage.spool.refusal = SpoolRefusal.FULL;
    stage.call("EHLO c.test\r\n" + SmtpStage.MAIL);
    assertThat(stage.queueMemory.taken()).isZero();
    stage.spool.refusal = null;
    stage.events.room = 0;
    stage.call("EHLO c.test\r\n" + SmtpStage.MAIL);
    assertThat(stage.queueMemory.taken()).isZero();
    stage.checkNothingIsLeft();
  }

  @Test
  void clientThatLeavesBeforeTheDiskHasAnsweredTakesNothingAlong() {
    var stage = stage(100);
    stage.spool.holding = true;
    var caller = stage.call("EHLO c.test\r\n" + SmtpStage.MAIL);
    caller.hangUp();
    stage.moment();
    assertThat(stage.queueMemory.taken()).isEqualTo(ENTRY);
    stage.spool.letGo();
    stage.moment();
    assertThat(stage.handedOver).hasSize(1);
    stage.takeMessages();
    assertThat(stage.queueMemory.taken()).isZero();
    stage.checkNothingIsLeft();
  }
}
