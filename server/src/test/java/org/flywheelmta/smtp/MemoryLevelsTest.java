package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.spool.Spool;
import org.flywheelmta.spool.SpoolRefusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What sessions do at each level of memory, and what they do not. */
final class MemoryLevelsTest {
  private static final long BUDGET = 8L << 20;
  private static final String LINE = "0123456789".repeat(7) + "\r\n";
  private static final String BEGUN = SmtpStage.ENVELOPE + "DATA\r\n";

  private long others;

  private static SmtpStage.Plan plan() {
    return SmtpStage.plan().memory(BUDGET).with("trace_headers = false");
  }

  private static String lines(int bytes) {
    return LINE.repeat(bytes / LINE.length());
  }

  /** Others take or give back memory, until it is at this percentage. */
  private void fill(SmtpStage stage, int percent) {
    long change = (BUDGET * percent + 99) / 100 - stage.memory.taken();
    if (change > 0) {
      stage.memory.take(change);
    } else {
      stage.memory.release(-change);
    }
    others += change;
  }

  private void empty(SmtpStage stage) {
    stage.memory.release(others);
    others = 0;
  }

  @Test
  void mailAndDataAreRefusedFromThreeQuartersOnUntilFivePercentLess() {
    var stage = plan().start();
    var begun = stage.call(SmtpStage.ENVELOPE);
    var fresh = stage.call("EHLO c.test\r\n");
    fill(stage, 75);
    assertThat(stage.say(begun, "DATA\r\n")).containsExactly("452 4.3.1");
    assertThat(stage.say(fresh, "MAIL FROM:<a@x.test>\r\n")).containsExactly("452 4.3.1");
    fill(stage, 71);
    assertThat(stage.say(fresh, "MAIL FROM:<a@x.test>\r\n")).containsExactly("452 4.3.1");
    fill(stage, 69);
    assertThat(stage.say(fresh, SmtpStage.MAIL)).endsWith("354", "250 2.0.0");
    assertThat(stage.say(begun, SmtpStage.MAIL)).endsWith("354", "250 2.0.0");
    assertThat(stage.memory.counters().refusals.value()).isEqualTo(3);
    empty(stage);
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource({"10, 4", "75, 1"})
  void fewerPartsAreInFlightWhileMemoryIsShort(int percent, int parts) {
    var stage = plan().start();
    stage.spool.holding = true;
    var caller = stage.call(BEGUN);
    fill(stage, percent);
    caller.say(lines(1_500_000) + ".\r\n");
    stage.world.run(5 * SmtpStage.SECOND);
    assertThat(stage.spool.held()).isEqualTo(parts);
    while (stage.spool.held() > 0) {
      stage.spool.letGo(1);
      stage.world.run(SmtpStage.SECOND);
      assertThat(stage.spool.held()).isLessThanOrEqualTo(parts + 1);
    }
    assertThat(caller.codes()).endsWith("354", "250 2.0.0");
    assertThat(stage.spool.kept.getFirst().content()).hasSize(lines(1_500_000).length());
    empty(stage);
    stage.checkNothingIsLeft();
  }

  @Test
  void levelThatRisesWhilePartsAreInFlightLetsThemFinishFirst() {
    var stage = plan().start();
    stage.spool.holding = true;
    var caller = stage.call(BEGUN);
    caller.say(lines(1_500_000) + ".\r\n");
    stage.world.run(5 * SmtpStage.SECOND);
    assertThat(stage.spool.held()).isEqualTo(DataPhase.CHUNKS_IN_FLIGHT);
    fill(stage, 80);
    for (int left = DataPhase.CHUNKS_IN_FLIGHT - 1; left > 0; left--) {
      stage.spool.letGo(1);
      stage.world.run(SmtpStage.SECOND);
      assertThat(stage.spool.held()).isEqualTo(left);
    }
    stage.spool.letGo();
    stage.world.run(5 * SmtpStage.SECOND);
    assertThat(caller.codes()).endsWith("354", "250 2.0.0");
    empty(stage);
    stage.checkNothingIsLeft();
  }

  @Test
  void silentSessionGivesUpWhatItHoldsOnceSpillingBegins() {
    var stage = plan().start();
    var large = stage.call(BEGUN);
    large.say(lines(40_000));
    var small = stage.call(BEGUN);
    small.say(lines(5_000));
    stage.moment();
    fill(stage, 84);
    stage.moment();
    assertThat(stage.spool.appended()).isZero();
    fill(stage, 86);
    stage.moment();
    assertThat(stage.spool.appended()).isEqualTo(1);
    assertThat(stage.memory.counters().spills.value()).isEqualTo(1);
    // What arrives goes in small parts too, each a little share of what there is.
    large.say(lines(17_000));
    stage.moment();
    assertThat(stage.spool.appended()).isEqualTo(2);
    empty(stage);
    assertThat(stage.say(large, ".\r\n")).containsExactly("250 2.0.0");
    assertThat(stage.say(small, ".\r\n")).containsExactly("250 2.0.0");
    assertThat(stage.spool.kept.getFirst().content()).isEqualTo(lines(40_000) + lines(17_000));
    stage.checkNothingIsLeft();
  }

  @Test
  void pausingSpillsAllThatArrivesAndReadsNothingUntilSomeHasLeft() {
    var stage = plan().start();
    var caller = stage.call(BEGUN);
    caller.say("one\r\n");
    stage.moment();
    fill(stage, 96);
    stage.moment();
    assertThat(stage.spool.appended()).isEqualTo(1);
    assertThat(stage.listener.memoryTaken()).isZero();
    // It pauses when it would next read, which is after what comes first.
    caller.say("two\r\n");
    stage.moment();
    caller.say("three\r\n.\r\nNOOP\r\n");
    stage.world.run(100 * SmtpStage.SECOND);
    assertThat(stage.pausedReads.paused()).isEqualTo(1);
    assertThat(caller.codes()).endsWith("354");
    fill(stage, 91);
    stage.moment();
    assertThat(caller.codes()).endsWith("354");
    fill(stage, 89);
    stage.moment();
    assertThat(caller.codes()).endsWith("354", "250 2.0.0", "250 2.0.0");
    assertThat(stage.spool.kept.getFirst().content()).isEqualTo("one\r\ntwo\r\nthree\r\n");
    empty(stage);
    stage.checkNothingIsLeft();
  }

  @Test
  void everyPausedConnectionIsReadAgain() {
    var stage = plan().schedulers(2).start();
    var callers = IntStream.range(0, 350).mapToObj(_ -> stage.call("NOOP\r\n")).toList();
    fill(stage, 95);
    callers.forEach(caller -> caller.say("NOOP\r\n"));
    stage.moment();
    callers.forEach(caller -> caller.say("NOOP\r\n"));
    stage.moment();
    assertThat(stage.pausedReads.paused()).isEqualTo(350);
    callers.getFirst().hangUp();
    empty(stage);
    stage.moment();
    assertThat(stage.pausedReads.paused()).isZero();
    assertThat(callers.subList(1, 350)).allSatisfy(caller -> assertThat(caller.codes()).hasSize(4));
    stage.checkNothingIsLeft();
  }

  @Test
  void newConnectionIsGreetedAndNotHeardWhilePausing() {
    var stage = plan().start();
    fill(stage, 95);
    var caller = stage.call("EHLO c.test\r\n");
    assertThat(caller.codes()).containsExactly("220");
    assertThat(stage.pausedReads.paused()).isEqualTo(1);
    empty(stage);
    stage.moment();
    assertThat(caller.codes()).containsExactly("220", "250");
    stage.checkNothingIsLeft();
  }

  @Test
  void deadlinesRunOnWhilePausing() {
    var stage = plan().with("idle_time = 60").start();
    fill(stage, 95);
    var caller = stage.call("EHLO c.test\r\n");
    stage.world.run(59 * SmtpStage.SECOND);
    assertThat(caller.codes()).containsExactly("220");
    assertThat(stage.listener.connections()).isEqualTo(1);
    stage.world.run(3 * SmtpStage.SECOND);
    assertThat(stage.listener.connections()).isZero();
    assertThat(caller.closed()).isTrue();
    assertThat(stage.pausedReads.paused()).isZero();
    empty(stage);
    stage.checkNothingIsLeft();
  }

  @Test
  void connectionThatClosesIsNotKept() {
    var stage = plan().start();
    var caller = stage.call("EHLO c.test\r\n");
    fill(stage, 95);
    stage.moment();
    // The last that is read before it pauses.
    caller.say("QUIT\r\n");
    stage.moment();
    assertThat(caller.codes()).endsWith("221 2.0.0");
    assertThat(caller.closed()).isTrue();
    assertThat(stage.pausedReads.paused()).isZero();
    empty(stage);
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource(
      value = Level.class,
      names = {"SPILLING", "PAUSING"})
  void peerThatReadsNothingIsResetOncePausing(Level level) {
    var stage = plan().with("max_errors = 10000").start();
    var caller = stage.callWithoutReading();
    caller.say("EHLO c.test\r\n" + SmtpStage.MAIL.repeat(3_000));
    stage.moment();
    stage.takeMessages();
    assertThat(stage.listener.memoryTaken()).isPositive();
    fill(stage, level.percent());
    stage.moment();
    int open = level == Level.PAUSING ? 0 : 1;
    assertThat(stage.listener.connections()).isEqualTo(open);
    assertThat(stage.memory.counters().resets.value()).isEqualTo(1 - open);
    assertThat(stage.listener.memoryTaken() > 0).isEqualTo(open == 1);
    empty(stage);
    stage.checkNothingIsLeft();
  }

  @Test
  void mailThatWaitsForADecisionSpillsToo() {
    var deciding = new Deciding();
    var stage = plan().hook(SmtpHooks.END_OF_DATA, deciding).start();
    var caller = stage.call(BEGUN + lines(3_000) + ".\r\n");
    assertThat(deciding.asked).hasSize(1);
    fill(stage, 95);
    stage.moment();
    assertThat(stage.spool.appended()).isEqualTo(1);
    deciding.asked.getFirst().post(Deciding.ACCEPT);
    stage.moment();
    assertThat(caller.codes()).endsWith("354", "250 2.0.0");
    assertThat(stage.spool.kept.getFirst().content()).isEqualTo(lines(3_000));
    empty(stage);
    stage.checkNothingIsLeft();
  }

  @Test
  void lateDiskBringsTheSpillAboutAgain() {
    var stage = plan().start();
    stage.spool.holding = true;
    var caller = stage.call(BEGUN);
    caller.say(lines(140_000));
    stage.moment();
    assertThat(stage.spool.held()).isEqualTo(1);
    fill(stage, 98);
    stage.moment();
    // One part is in flight, and a little more is here, which goes when that is written.
    assertThat(stage.spool.appended()).isEqualTo(1);
    stage.spool.letGo(1);
    stage.moment();
    assertThat(stage.spool.appended()).isEqualTo(2);
    stage.spool.letGo();
    stage.moment();
    assertThat(stage.listener.memoryTaken()).isZero();
    empty(stage);
    stage.moment();
    assertThat(stage.say(caller, ".\r\n")).containsExactly("250 2.0.0");
    assertThat(stage.spool.kept.getFirst().content()).isEqualTo(lines(140_000));
    stage.checkNothingIsLeft();
  }

  @Test
  void mailInMoreThanAThousandShortPartsIsRefused() {
    var stage = plan().start();
    var caller = stage.call(BEGUN);
    for (int i = 0; i < Spool.MAX_SHORT_CHUNKS + 5; i++) {
      caller.say("x");
      stage.world.run(SmtpStage.SECOND / 20);
      fill(stage, 95);
      stage.world.run(SmtpStage.SECOND / 20);
      fill(stage, 10);
      stage.world.run(SmtpStage.SECOND / 20);
    }
    assertThat(stage.spool.appended()).isEqualTo(Spool.MAX_SHORT_CHUNKS - 1);
    assertThat(stage.spool.unfinished()).isZero();
    assertThat(stage.say(caller, "\r\n.\r\nNOOP\r\n")).containsExactly("452 4.3.1", "250 2.0.0");
    empty(stage);
    stage.checkNothingIsLeft();
  }

  @Test
  void accountOutlivesItsConnectionUntilTheLastPartIsWritten() {
    var stage = plan().start();
    stage.spool.holding = true;
    var caller = stage.call(BEGUN);
    caller.say(lines(140_000));
    stage.moment();
    assertThat(stage.spool.held()).isEqualTo(1);
    caller.hangUp();
    stage.moment();
    assertThat(stage.listener.connections()).isZero();
    assertThat(stage.listener.memoryTaken()).isPositive();
    stage.spool.letGo();
    stage.moment();
    assertThat(stage.listener.memoryTaken()).isZero();
    stage.checkNothingIsLeft();
  }

  @Test
  void contentLeavesTheListenersShareWhenItPassesToTheQueue() {
    var stage = plan().start();
    stage.spool.holding = true;
    stage.call(BEGUN + lines(9_000) + ".\r\n");
    assertThat(stage.listener.memoryTaken()).isEqualTo(stage.memory.taken()).isPositive();
    stage.spool.letGo();
    stage.moment();
    assertThat(stage.listener.memoryTaken()).isZero();
    assertThat(stage.memory.taken()).isPositive();
    stage.checkNothingIsLeft();
  }

  @Test
  void listenerThatHasUsedItsShareRefusesMailWhileOthersHaveRoom() {
    var stage = plan().listenerMemory(160_000).start();
    var first = stage.call(BEGUN);
    for (int i = 0; stage.listener.memoryTaken() < 120_000; i++) {
      assertThat(i).as("what is taken in never counts").isLessThan(50);
      first.say(lines(2_000));
      stage.moment();
    }
    var second = stage.call("EHLO c.test\r\n");
    assertThat(stage.say(second, "MAIL FROM:<a@x.test>\r\n")).containsExactly("452 4.3.1");
    assertThat(stage.memory.level()).isEqualTo(Level.OPEN);
    stage.spool.holding = true;
    first.say(lines(150_000));
    assertThat(stage.say(first, ".\r\n")).containsExactly("452 4.3.1");
    stage.spool.letGo();
    stage.moment();
    assertThat(stage.say(second, SmtpStage.MAIL)).endsWith("354", "250 2.0.0");
    stage.checkNothingIsLeft();
  }

  @Test
  void idsAloneAreHandedOverBeyondTheBudget() {
    var stage = plan().start();
    var caller = stage.call(BEGUN);
    caller.say("hello\r\n");
    stage.moment();
    fill(stage, 86);
    assertThat(stage.say(caller, ".\r\n")).containsExactly("250 2.0.0");
    assertThat(stage.handedOver.getFirst().content()).isNull();
    fill(stage, 10);
    assertThat(stage.say(caller, SmtpStage.MAIL)).endsWith("250 2.0.0");
    assertThat(Objects.requireNonNull(stage.handedOver.getLast().content()).size()).isPositive();
    empty(stage);
    stage.checkNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource({"FULL, 452 4.3.1", "SEALED, 451 4.3.0"})
  void spoolThatTakesNothingAnswersEvenWhenMemoryIsShort(SpoolRefusal refusal, String reply) {
    var stage = plan().start();
    stage.spool.refusal = refusal;
    var caller = stage.call(BEGUN);
    caller.say(lines(30_000));
    stage.moment();
    fill(stage, 95);
    stage.moment();
    assertThat(stage.spool.appended()).isEqualTo(1);
    empty(stage);
    stage.moment();
    assertThat(stage.say(caller, ".\r\nNOOP\r\n")).isEqualTo(List.of(reply, "250 2.0.0"));
    stage.checkNothingIsLeft();
  }
}
