package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.flywheelmta.spool.Spool;
import org.flywheelmta.spool.SpoolRefusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mail larger than the spool takes in one piece, and mail for which memory is short. */
final class LargeContentTest {
  private static final String LINE = "0123456789".repeat(7) + "\r\n";
  private static final int LINES = 20_000;
  private static final String LARGE = LINE.repeat(LINES);

  private static final int IN_FLIGHT_BOUND =
      (DataPhase.CHUNKS_IN_FLIGHT + 2) * (Spool.CHUNK_BYTES + 64 * 1024);

  private static SmtpStage stage() {
    return SmtpStage.plan().with("trace_headers = false").start();
  }

  private static void settle(SmtpStage stage) {
    stage.world.run(5 * SmtpStage.SECOND);
  }

  @Test
  void largeMailIsAppendedWhileItArrives() {
    var stage = stage();
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    caller.say(LARGE);
    settle(stage);
    assertThat(stage.spool.appended()).isGreaterThan(5);
    caller.say(".\r\nNOOP\r\n");
    settle(stage);
    assertThat(caller.codes()).endsWith("354", "250 2.0.0", "250 2.0.0");
    var kept = stage.spool.kept.getFirst();
    assertThat(kept.content()).isEqualTo(LARGE);
    var message = stage.handedOver.getFirst();
    assertThat(message.content()).isNull();
    assertThat(message.transaction().contentBytes()).isEqualTo(LARGE.length());
    stage.checkNothingIsLeft();
  }

  @Test
  void reliesOnTheDiskForNoMoreThanItsBound() {
    var stage = stage();
    stage.spool.holding = true;
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    caller.say(LARGE + ".\r\n");
    settle(stage);
    assertThat(stage.spool.held()).isLessThanOrEqualTo(DataPhase.CHUNKS_IN_FLIGHT + 1);
    assertThat(stage.memory.taken()).isPositive().isLessThan(IN_FLIGHT_BOUND);
    assertThat(stage.server.bytesHeld()).isLessThan(IN_FLIGHT_BOUND);

    // The disk is slow: the client is not blamed for it.
    stage.world.run(7_200 * SmtpStage.SECOND);
    assertThat(caller.closed()).isFalse();

    while (stage.spool.held() > 0) {
      stage.spool.letGo(1);
      settle(stage);
      assertThat(stage.server.bytesHeld()).isLessThan(IN_FLIGHT_BOUND);
    }
    assertThat(caller.codes()).endsWith("354", "250 2.0.0");
    stage.spool.letGo();
    stage.checkNothingIsLeft();
  }

  @Test
  void slowDiskDelaysTheMailAndNothingElse() {
    var stage = stage();
    stage.spool.holding = true;
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    caller.say(LARGE + ".\r\nNOOP\r\n");
    settle(stage);
    while (stage.spool.held() > 0) {
      stage.spool.letGo(1);
      settle(stage);
    }
    assertThat(caller.codes()).endsWith("354", "250 2.0.0", "250 2.0.0");
    assertThat(stage.spool.kept.getFirst().content()).hasSize(LARGE.length());
    stage.spool.letGo();
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void vanishedClientAbandonsWhatWasAppended(boolean diskIsSlow) {
    var stage = stage();
    stage.spool.holding = diskIsSlow;
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    caller.say(LARGE);
    settle(stage);
    assertThat(stage.spool.unfinished()).isEqualTo(1);
    caller.hangUp();
    settle(stage);
    // Reading may have paused for the disk, and then the end is seen when it goes on.
    stage.spool.letGo();
    settle(stage);
    assertThat(stage.spool.unfinished()).isZero();
    assertThat(stage.listener.connections()).isZero();
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(ints = {130, 300, 560, 600, 640, 700, 1000})
  void refusedMailAbandonsWhatWasAppendedAndTheSessionGoesOn(int kibibytes) {
    var stage = stage();
    stage.spool.holding = true;
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    caller.say(LINE.repeat(kibibytes * 1024 / LINE.length()) + "lone\nbreak\r\n.\r\nNOOP\r\n");
    for (int i = 0; i < 20; i++) {
      settle(stage);
      if (caller.codes().contains("554 5.6.0") || stage.spool.held() == 0) {
        break;
      }
      stage.spool.letGo(1);
    }
    settle(stage);
    assertThat(caller.codes()).endsWith("354", "554 5.6.0", "250 2.0.0");
    assertThat(stage.spool.unfinished()).isZero();
    stage.spool.letGo();
    settle(stage);
    assertThat(stage.spool.kept).isEmpty();
    assertThat(stage.say(caller, SmtpStage.MAIL)).endsWith("250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void tooLargeMailIsAbandonedAtOnceAndRefusedAtItsEnd() {
    var stage =
        SmtpStage.plan().with("trace_headers = false").with("max_message_size = 500000").start();
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    caller.say(LARGE);
    settle(stage);
    assertThat(stage.spool.unfinished()).isZero();
    assertThat(stage.memory.taken()).isZero();
    assertThat(stage.say(caller, ".\r\nNOOP\r\n")).containsExactly("552 5.3.4", "250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void repairedLineBreaksAloneAreAppendedAndMeasuredToo() {
    var stage =
        SmtpStage.plan()
            .with("lone_line_breaks = repair")
            .with("max_message_size = 1000000")
            .start();
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    caller.say("\r".repeat(400_000));
    settle(stage);
    assertThat(stage.spool.appended()).isGreaterThan(3);
    caller.say("\r".repeat(200_000));
    settle(stage);
    assertThat(stage.memory.taken()).isZero();
    assertThat(stage.say(caller, "\r\n.\r\n")).containsExactly("552 5.3.4");
    stage.checkNothingIsLeft();
  }

  @Test
  void loneLineBreakIsTheReasonWhateverElseIsWrong() {
    var stage = SmtpStage.plan().with("max_message_size = 300000").start();
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    caller.say(LARGE);
    settle(stage);
    caller.say("lone\nbreak\r\n.\r\n");
    caller.say("MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nlone\nbreak\r\n");
    settle(stage);
    assertThat(caller.codes()).endsWith("354", "554 5.6.0", "250 2.1.0", "250 2.1.5", "354");
    // What is refused for sure takes no memory.
    assertThat(stage.memory.taken()).isZero();
    caller.say(LARGE + ".\r\n");
    settle(stage);
    assertThat(caller.codes()).endsWith("354", "554 5.6.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void commitOfAppendedMailMayBeRefused() {
    var stage = stage();
    stage.spool.refusal = SpoolRefusal.FULL;
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    caller.say(LARGE + ".\r\n");
    settle(stage);
    assertThat(caller.codes()).endsWith("452 4.3.1");
    stage.events.room = 0;
    caller.say(SmtpStage.MAIL.replace("hello\r\n", LARGE));
    settle(stage);
    assertThat(caller.codes()).endsWith("354", "452 4.3.1");
    stage.checkNothingIsLeft();
  }

  @Test
  void shortMemoryRefusesTheMailAndServiceComesBack() {
    var stage = SmtpStage.plan().memory(100_000).with("trace_headers = false").start();
    var first = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    first.say(LINE.repeat(700));
    stage.moment();
    assertThat(stage.memory.taken()).isPositive();
    var second = stage.call("EHLO c.test\r\n");
    var mail = SmtpStage.MAIL.replace("hello\r\n", LINE.repeat(700));
    assertThat(stage.say(second, mail)).endsWith("354", "452 4.3.1");
    assertThat(stage.say(first, ".\r\n")).containsExactly("250 2.0.0");
    stage.takeMessages();
    assertThat(stage.say(second, mail)).endsWith("354", "250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void noMemoryForTheTraceFieldIsAnsweredAtTheEnd() {
    var stage = SmtpStage.plan().memory(1).start();
    var caller = stage.call("EHLO c.test\r\n" + SmtpStage.MAIL + "NOOP\r\n");
    assertThat(caller.codes()).endsWith("354", "452 4.3.1", "250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void recipientsShareTheContent() {
    var stage = stage();
    stage.call("EHLO c.test\r\n" + SmtpStage.MAIL.replace("DATA", "RCPT TO:<c@z.test>\r\nDATA"));
    assertThat(stage.handedOver).hasSize(2);
    var content = Objects.requireNonNull(stage.handedOver.getFirst().content());
    assertThat(stage.handedOver.getLast().content()).isSameAs(content);
    assertThat(content.refCnt()).isEqualTo(2);
    assertThat(stage.memory.taken()).isPositive();
    stage.handedOver.removeFirst().release();
    assertThat(content.refCnt()).isEqualTo(1);
    stage.handedOver.removeFirst().release();
    assertThat(content.refCnt()).isZero();
    stage.checkNothingIsLeft();
  }
}
