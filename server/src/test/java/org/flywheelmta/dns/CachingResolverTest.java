package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.flywheelmta.dns.ResolverStage.MILLISECOND;
import static org.flywheelmta.dns.ResolverStage.SECOND;
import static org.flywheelmta.dns.ResolverStage.SOON;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.sim.SimDns.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is kept, for how long, and who is told: on a virtual clock, with simulated servers. */
final class CachingResolverTest {
  private ResolverStage stage = new ResolverStage();

  @AfterEach
  void nothingIsLeft() {
    stage.stop();
  }

  private static Fault servfail() {
    return new Fault.Code("SERVFAIL");
  }

  @Test
  void answerIsUsedUntilItsTtlIsOver() {
    stage.zone.addresses("a.test", 100, "192.0.2.1", "192.0.2.2");
    var first = stage.answer("a.test");
    assertThat(ResolverStage.addresses(first)).containsExactly("192.0.2.1", "192.0.2.2");
    assertThat(stage.secondsLeft(first)).isEqualTo(100);
    stage.zone.addresses("a.test", 100, "192.0.2.9");
    stage.advance(99 * SECOND);
    assertThat(stage.answer("a.test")).isEqualTo(first);
    assertThat(stage.queries()).isEqualTo(1);
    stage.advance(SECOND);
    assertThat(stage.addresses("a.test")).containsExactly("192.0.2.9");
    assertThat(stage.queries()).isEqualTo(2);
  }

  @Test
  void ttlIsBoundedOnBothSides() {
    stage.zone.addresses("short.test", 0, "192.0.2.1").addresses("long.test", 1 << 30, "192.0.2.1");
    assertThat(stage.secondsLeft(stage.answer("short.test"))).isEqualTo(5);
    assertThat(stage.secondsLeft(stage.answer("long.test"))).isEqualTo(3_600);
  }

  @Test
  void negativeAnswersAreKeptAsTheirSoaSays() {
    stage.zone.addresses("a.test", 100, "192.0.2.1");
    var noName = stage.answer("missing.test");
    var noData = stage.answer("a.test", RecordType.MX);
    assertThat(noName).isInstanceOf(Answer.NoName.class);
    assertThat(noData).isInstanceOf(Answer.NoRecord.class);
    assertThat(stage.secondsLeft(noName)).isEqualTo(60);
    stage.zone.addresses("missing.test", 100, "192.0.2.1");
    stage.advance(59 * SECOND);
    assertThat(stage.answer("missing.test")).isEqualTo(noName);
    assertThat(stage.answer("a.test", RecordType.MX)).isEqualTo(noData);
    assertThat(stage.queries()).isEqualTo(2);
    stage.advance(SECOND);
    assertThat(stage.addresses("missing.test")).containsExactly("192.0.2.1");
  }

  @Test
  void failureIsKeptForItsOwnTime() {
    stage.dns.fail("a.test", servfail(), servfail(), servfail(), servfail());
    var answers = stage.ask("a.test");
    stage.advance(4 * SOON);
    assertThat(answers.getFirst()).isInstanceOf(Answer.Failed.class);
    assertThat(stage.secondsLeft(answers.getFirst())).isEqualTo(30);
    assertThat(stage.queries()).isEqualTo(4);
    stage.advance(29 * SECOND);
    assertThat(stage.answer("a.test")).isEqualTo(answers.getFirst());
    assertThat(stage.queries()).isEqualTo(4);
    stage.advance(SECOND);
    assertThat(stage.answer("a.test")).isInstanceOf(Answer.NoName.class);
  }

  @Test
  void thousandAskersOfOneNameMakeOneQuery() {
    stage.zone.addresses("a.test", 100, "192.0.2.1");
    var answers = stage.ask("a.test", RecordType.A, 1_000);
    assertThat(answers).isEmpty();
    assertThat(stage.resolver.pending()).isEqualTo(1_000);
    stage.advance(SOON);
    assertThat(answers).hasSize(1_000).containsOnly(answers.getFirst());
    assertThat(stage.queries()).isEqualTo(1);
    assertThat(stage.resolver.pending()).isZero();
  }

  @Test
  void typesOfOneNameAreQuestionsOfTheirOwn() {
    stage.zone.addresses("a.test", 100, "192.0.2.1", "2001:db8::1").noMail("a.test", 100);
    assertThat(stage.addresses("a.test")).containsExactly("192.0.2.1");
    assertThat(stage.answer("a.test", RecordType.AAAA)).isInstanceOf(Answer.Found.class);
    assertThat(stage.answer("a.test", RecordType.MX))
        .isInstanceOfSatisfying(
            Answer.Found.class,
            found -> assertThat(found.data()).containsExactly(new Rdata.Exchanger(0, "")));
  }

  @Test
  void askersBeyondTheirLimitAreSentAwayAtOnce() {
    stage.stop();
    stage = new ResolverStage(ResolverStage.bounded(3, 1_000, 1_000));
    stage.zone.addresses("a.test", 100, "192.0.2.1");
    var answers = stage.ask("a.test", RecordType.A, 5);
    assertThat(answers).hasSize(2).allMatch(Answer.Busy.class::isInstance);
    assertThat(stage.secondsLeft(answers.getFirst())).isEqualTo(1);
    stage.advance(SOON);
    assertThat(answers).hasSize(5);
    assertThat(answers.subList(2, 5)).allMatch(Answer.Found.class::isInstance);
    // It is no knowledge about the name.
    assertThat(stage.addresses("a.test")).containsExactly("192.0.2.1");
  }

  @Test
  void budgetSpreadsQueriesInTheirOrder() {
    stage.stop();
    stage = new ResolverStage(ResolverStage.bounded(10_000, 100, 1_000));
    var answers = new ArrayList<List<Answer>>();
    for (int i = 0; i < 250; i++) {
      answers.add(stage.ask("n" + i + ".test"));
    }
    assertThat(stage.queries()).isEqualTo(1);
    for (int second = 1; second <= 2; second++) {
      stage.advance(SECOND);
      assertThat(stage.queries()).isBetween(100 * second - 10, 100 * second + 1);
    }
    stage.advance(SECOND);
    assertThat(stage.queries()).isEqualTo(250);
    assertThat(answers).allSatisfy(one -> assertThat(one).hasSize(1));
    for (int i = 0; i < 250; i++) {
      assertThat(stage.dns.queries().get(i).question().name()).isEqualTo("n" + i + ".test");
    }
  }

  @Test
  void queriesWithoutReplyAreBounded() {
    stage.stop();
    stage = new ResolverStage(ResolverStage.bounded(10_000, 1_000_000, 1_000));
    stage.dns.fail(ResolverStage.ONE, new Fault.Late(900 * MILLISECOND));
    for (int i = 0; i < 3_000; i++) {
      stage.ask("n" + i + ".test");
    }
    stage.advance(500 * MILLISECOND);
    assertThat(stage.queries()).isEqualTo(Pace.MOST_OUT);
    stage.advance(SECOND);
    assertThat(stage.queries()).isEqualTo(3_000);
    stage.advance(SECOND);
    assertThat(stage.resolver.pending()).isZero();
  }

  @Test
  void fullCacheForgetsWhatWasUsedLeastRecently() {
    stage.stop();
    stage = new ResolverStage(ResolverStage.bounded(10_000, 1_000, 2));
    for (var name : List.of("a.test", "b.test", "c.test")) {
      stage.zone.addresses(name, 1_000, "192.0.2.1");
    }
    stage.answer("a.test");
    stage.answer("b.test");
    stage.answer("a.test");
    stage.answer("c.test");
    assertThat(stage.queries()).isEqualTo(3);
    stage.answer("a.test");
    stage.answer("c.test");
    assertThat(stage.queries()).isEqualTo(3);
    stage.answer("b.test");
    assertThat(stage.queries()).isEqualTo(4);
  }

  @Test
  void largeAnswerTakesTheRoomOfSeveral() {
    stage.stop();
    stage = new ResolverStage(ResolverStage.bounded(10_000, 1_000, 5));
    for (var name : List.of("a.test", "b.test", "c.test")) {
      stage.zone.addresses(name, 1_000, "192.0.2.1");
      stage.answer(name);
    }
    stage.zone.texts("large.test", 1_000, List.of("x".repeat(3 * AnswerCache.CHARACTERS_PER_ROOM)));
    stage.answer("large.test", RecordType.TXT);
    stage.answer("c.test");
    assertThat(stage.queries()).isEqualTo(4);
    stage.answer("a.test");
    assertThat(stage.queries()).isEqualTo(5);
  }

  @Test
  void stopAnswersWhoeverWaitsAndWhoeverComesLater() {
    stage.dns.fail("a.test", new Fault.Silent());
    var waiting = stage.ask("a.test", RecordType.A, 10);
    var inTheQueue = stage.ask("b.test");
    stage.stop();
    var later = stage.ask("c.test");
    for (var answers : List.of(waiting, inTheQueue, later)) {
      assertThat(answers).isNotEmpty().allMatch(Answer.Failed.class::isInstance);
    }
    assertThat(waiting).hasSize(10);
    int before = stage.queries();
    stage.advance(100 * SECOND);
    assertThat(stage.queries()).isEqualTo(before);
  }
}
