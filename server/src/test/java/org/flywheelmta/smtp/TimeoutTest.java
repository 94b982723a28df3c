package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session does with clients that take their time. */
final class TimeoutTest {
  private static final long SECOND = SmtpStage.SECOND;

  private static SmtpStage stage() {
    return SmtpStage.plan()
        .with("idle_time = 300")
        .with("data_idle_time = 100")
        .with("data_time = 1000")
        .start();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "EHLO c.test\r\n", SmtpStage.ENVELOPE, "EHLO c", "NOOP\nNOOP"})
  void idleClientIsClosed(String said) {
    var stage = stage();
    var caller = stage.call(said);
    stage.world.run(299 * SECOND);
    assertThat(caller.closed()).isFalse();
    stage.world.run(2 * SECOND);
    assertThat(caller.codes()).endsWith("421 4.4.2");
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @Test
  void octetsOfALineThatNeverEndsBuyNoTime() {
    var stage = stage();
    var caller = stage.call("EHLO c.test\r\n");
    for (int i = 0; i < 299; i++) {
      caller.say("x".repeat(20));
      stage.world.run(SECOND);
    }
    assertThat(caller.closed()).isFalse();
    caller.say("x");
    stage.world.run(2 * SECOND);
    assertThat(caller.closed()).isTrue();
    stage.checkNothingIsLeft();
  }

  @Test
  void eachCommandHasItsOwnTime() {
    var stage = stage();
    var caller = stage.call();
    for (int i = 0; i < 5; i++) {
      stage.world.run(290 * SECOND);
      assertThat(stage.say(caller, "NOOP\r\n")).containsExactly("250 2.0.0");
    }
    stage.checkNothingIsLeft();
  }

  @Test
  void pauseInAMailIsLimited() {
    var stage = stage();
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    stage.world.run(99 * SECOND);
    caller.say("hello");
    stage.world.run(99 * SECOND);
    assertThat(caller.closed()).isFalse();
    stage.world.run(2 * SECOND);
    assertThat(caller.codes()).endsWith("421 4.4.2");
    stage.checkNothingIsLeft();
    assertThat(stage.spool.kept).isEmpty();
  }

  @Test
  void wholeMailIsLimited() {
    var stage = stage();
    var caller = stage.call(SmtpStage.ENVELOPE + "DATA\r\n");
    for (int i = 0; i < 19; i++) {
      caller.say("hello");
      stage.world.run(50 * SECOND);
      assertThat(caller.closed()).as("after " + i).isFalse();
    }
    caller.say("hello");
    stage.world.run(51 * SECOND);
    assertThat(caller.codes()).endsWith("421 4.4.2");
    stage.checkNothingIsLeft();
  }

  @Test
  void timeOfTheDiskIsNotTheClients() {
    var stage = stage();
    stage.spool.holding = true;
    var caller = stage.call("EHLO c.test\r\n" + SmtpStage.MAIL);
    stage.world.run(5_000 * SECOND);
    assertThat(caller.closed()).isFalse();
    stage.spool.letGo();
    stage.moment();
    assertThat(caller.codes()).endsWith("250 2.0.0");
    stage.world.run(299 * SECOND);
    assertThat(caller.closed()).isFalse();
    stage.checkNothingIsLeft();
  }

  @Test
  void clientThatNeverReadsIsNotHeardAndClosedInTheEnd() {
    var stage = SmtpStage.plan().with("max_errors = 10000").start();
    var caller = stage.callWithoutReading();
    for (int i = 0; i < 200; i++) {
      caller.say("EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n" + "RCPT TO:<b@y.test>\r\n".repeat(50));
      caller.say("RSET\r\n".repeat(2) + SmtpStage.MAIL);
      stage.moment();
      assertThat(stage.server.bytesHeld()).isLessThan(1 << 20);
    }
    int heard = stage.spool.kept.size();
    assertThat(heard).isLessThan(200);
    assertThat(caller.closed()).isFalse();
    assertThat(stage.listener.connections()).isEqualTo(1);
    stage.world.run(320 * SECOND);
    assertThat(stage.listener.connections()).isZero();
    stage.checkNothingIsLeft();
  }

  @Test
  void clientThatReadsLateHearsEverything() {
    var stage = SmtpStage.plan().with("max_errors = 10000").start();
    var caller = stage.callWithoutReading();
    caller.say("EHLO c.test\r\n" + SmtpStage.MAIL.repeat(2_000) + "QUIT\r\n");
    stage.moment();
    assertThat(stage.spool.kept.size()).isLessThan(2_000);
    caller.readOn();
    assertThat(stage.world.runUntil(caller::closed, 60 * SECOND)).isTrue();
    assertThat(stage.spool.kept).hasSize(2_000);
    assertThat(caller.codes()).hasSize(3 + 4 * 2_000);
    stage.checkNothingIsLeft();
  }

  @Test
  void lastWordsWaitForAReaderNoLongerThanTheirTime() {
    var stage = SmtpStage.open();
    // A window that holds next to nothing, so that the last words do not get through.
    stage.narrow();
    var caller = stage.callWithoutReading();
    caller.say("EHLO c.test\r\nHELP\r\nHELP\r\nHELP\r\nQUIT\r\n");
    stage.world.run(9 * SECOND);
    assertThat(stage.listener.connections()).isEqualTo(1);
    stage.world.run(2 * SECOND);
    assertThat(stage.listener.connections()).isZero();
    stage.checkNothingIsLeft();
  }
}
