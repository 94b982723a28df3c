package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.flywheelmta.dns.ResolverStage.ONE;
import static org.flywheelmta.dns.ResolverStage.SECOND;
import static org.flywheelmta.dns.ResolverStage.SOON;
import static org.flywheelmta.dns.ResolverStage.TWO;

import java.net.InetSocketAddress;
import java.util.List;
import org.flywheelmta.sim.SimDns.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How one look-up goes over servers and along aliases. */
final class LookupTest {
  private final ResolverStage stage = new ResolverStage();

  @AfterEach
  void nothingIsLeft() {
    stage.stop();
  }

  private List<InetSocketAddress> asked() {
    return stage.dns.queries().stream().map(query -> query.server()).toList();
  }

  @Test
  void nextServerIsAskedWhenOneFails() {
    stage.zone.addresses("a.test", 100, "192.0.2.1");
    stage.dns.fail(ONE, new Fault.Code("REFUSED"));
    var answers = stage.ask("a.test");
    stage.advance(2 * SOON);
    assertThat(ResolverStage.addresses(answers.getFirst())).containsExactly("192.0.2.1");
    assertThat(asked()).containsExactly(ONE, TWO);
  }

  @Test
  void everyServerIsAskedTwiceBeforeALookupFails() {
    stage.dns.fail(ONE, new Fault.Malformed());
    stage.dns.fail(TWO, new Fault.Code("SERVFAIL"));
    var answers = stage.ask("a.test");
    stage.advance(5 * SOON);
    assertThat(answers.getFirst())
        .isInstanceOfSatisfying(
            Answer.Failed.class,
            failed -> assertThat(failed.reason()).isEqualTo("the server answers SERVFAIL"));
    assertThat(asked()).containsExactly(ONE, TWO, ONE, TWO);
  }

  @Test
  void silentServerComesLastForAWhile() {
    stage.dns.fail(ONE, new Fault.Silent());
    var answers = stage.ask("a.test");
    stage.advance(SECOND / 2);
    assertThat(answers).isEmpty();
    stage.advance(SECOND);
    assertThat(answers.getFirst()).isInstanceOf(Answer.NoName.class);
    assertThat(asked()).containsExactly(ONE, TWO);
    stage.dns.mend(ONE);
    stage.answer("b.test");
    assertThat(asked()).endsWith(TWO);
    stage.advance(Servers.LAST_NANOS);
    stage.answer("c.test");
    assertThat(asked()).endsWith(ONE);
  }

  @Test
  void lookupFailsWhenNobodyAnswersInTime() {
    stage.dns.fail(ONE, new Fault.Silent());
    stage.dns.fail(TWO, new Fault.Late(2 * SECOND));
    var answers = stage.ask("a.test");
    stage.advance(4 * SECOND - SOON);
    assertThat(answers).isEmpty();
    stage.advance(2 * SOON);
    assertThat(answers.getFirst())
        .isInstanceOfSatisfying(
            Answer.Failed.class,
            failed -> assertThat(failed.reason()).isEqualTo("the server did not answer in time"));
  }

  @Test
  void truncatedAnswerComesAllTheSame() {
    stage.zone.exchangers("a.test", 100, "mx.test");
    stage.dns.fail("a.test", new Fault.Truncated());
    assertThat(stage.answer("a.test", RecordType.MX)).isInstanceOf(Answer.Found.class);
  }

  @Test
  void chainCountsForItsSmallestTtl() {
    stage
        .zone
        .alias("a.test", 50, "b.test")
        .alias("b.test", 20, "c.test")
        .addresses("c.test", 100, "192.0.2.1");
    var answer = stage.answer("a.test");
    assertThat(ResolverStage.addresses(answer)).containsExactly("192.0.2.1");
    assertThat(stage.secondsLeft(answer)).isEqualTo(20);
    assertThat(stage.queries()).isEqualTo(1);
  }

  @Test
  void negativeAnswerBehindAnAliasIsAboutTheAsker() {
    stage.zone.alias("a.test", 10, "missing.test").alias("b.test", 500, "mail.test");
    stage.zone.noMail("mail.test", 100);
    var noName = stage.answer("a.test");
    assertThat(noName).isInstanceOf(Answer.NoName.class);
    assertThat(stage.secondsLeft(noName)).isEqualTo(10);
    var noData = stage.answer("b.test");
    assertThat(noData).isInstanceOf(Answer.NoRecord.class);
    assertThat(stage.secondsLeft(noData)).isEqualTo(60);
  }

  @Test
  void aliasesInACircleFail() {
    stage.zone.alias("a.test", 100, "b.test").alias("b.test", 100, "a.test");
    assertThat(stage.answer("a.test"))
        .isInstanceOfSatisfying(
            Answer.Failed.class,
            failed ->
                assertThat(failed.reason()).isEqualTo("the aliases of the name go in a circle"));
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 12})
  void chainHasElevenLinksAtMost(int links) {
    for (int i = 0; i < links; i++) {
      stage.zone.alias("n" + i + ".test", 100, "n" + (i + 1) + ".test");
    }
    stage.zone.addresses("n" + links + ".test", 100, "192.0.2.1");
    assertThat(stage.answer("n0.test"))
        .isInstanceOf(links == 11 ? Answer.Found.class : Answer.Failed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a..test", ".a.test", "a b.test", "\u00fc.test"})
  void nameThatCannotBeAskedForDoesNotExist(String name) {
    assertThat(stage.answer(name)).isInstanceOf(Answer.NoName.class);
    assertThat(stage.answer("x".repeat(64) + ".test")).isInstanceOf(Answer.NoName.class);
    assertThat(stage.answer("x.".repeat(127) + "test")).isInstanceOf(Answer.NoName.class);
    assertThat(stage.queries()).isZero();
  }
}
