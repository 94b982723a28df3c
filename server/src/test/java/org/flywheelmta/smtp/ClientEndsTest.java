package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.flywheelmta.domain.Outcome.Delivered;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.domain.Outcome.Unknown;
import org.flywheelmta.message.Fields;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Idle connections, waking and retiring, and peers that do not read. */
class ClientEndsTest {
  private final ClientRig rig = new ClientRig();

  @AfterEach
  void sessionEndsAndGivesEverythingBack() {
    rig.assertOver();
  }

  private void deliver() {
    rig.peer("250 ok|250 ok|354 go");
    rig.peer("250 ok");
  }

  @Test
  void idleConnectionIsKeptForAWhileAndThenEndedPolitely() {
    rig.greet("250 PIPELINING");
    rig.loop.pass(rig.policy.idleTimeoutNanos() - 10_000_000);
    assertThat(rig.said()).isEmpty();
    rig.loop.pass(10_000_000);
    assertThat(rig.said()).isEqualTo("QUIT|");
    assertThat(rig.source.closed()).isFalse();
    rig.peer("221 bye");
    assertThat(rig.source.failure()).isNull();
  }

  @Test
  void wakingAnIdleSessionSendsAtOnce() {
    rig.greet("250 PIPELINING");
    rig.mail("a@b.example");
    rig.session().wake();
    assertThat(rig.said()).startsWith("MAIL");
    rig.session().wake();
    deliver();
    assertThat(rig.source.outcome("a@b.example")).isInstanceOf(Delivered.class);
    rig.session().retire();
    rig.peer("221 bye");
  }

  @Test
  void wakingForNothingDoesNotKeepTheConnection() {
    rig.greet("250 PIPELINING");
    for (int i = 0; i < 5; i++) {
      rig.loop.pass(rig.policy.idleTimeoutNanos() / 5);
      rig.session().wake();
    }
    assertThat(rig.said()).isEqualTo("QUIT|");
    rig.peer("221 bye");
  }

  @Test
  void wakingWhileTheSourceIsAskedIsNotForgotten() {
    rig.source.whenAsked(
        () -> {
          rig.source.whenAsked(() -> {});
          rig.session().wake();
        });
    rig.greet("250 PIPELINING");
    assertThat(rig.source.asked()).isEqualTo(2);
    rig.session().retire();
    rig.peer("221 bye");
  }

  @Test
  void wakingAtAnyOtherTimeChangesNothing() {
    rig.source.whenReady(() -> rig.session().wake());
    rig.source.whenTold(() -> rig.session().wake());
    rig.mail("a@b.example").mail("c@b.example").open();
    rig.session().wake();
    rig.peer("220 hello");
    rig.session().wake();
    rig.peer("250-peer|250 PIPELINING");
    deliver();
    deliver();
    assertThat(rig.source.asked()).isEqualTo(3);
    rig.loop.pass(rig.policy.idleTimeoutNanos());
    rig.session().wake();
    assertThat(rig.said()).isEqualTo("QUIT|");
    rig.peer("221 bye");
    rig.session().wake();
  }

  @Test
  void manyBatchesThatFailHereDoNotHoldTheScheduler() {
    for (int i = 0; i < 100; i++) {
      rig.mail("not an address" + i);
    }
    rig.open();
    rig.peer("220 hello");
    rig.peer("250 peer");
    assertThat(rig.source.outcomes()).hasSize(100);
    rig.session().retire();
    rig.peer("221 bye");
  }

  @Test
  void retiringBeforeTheGreetingClosesAtOnce() {
    rig.mail("a@b.example").open();
    rig.session().retire();
    rig.session().retire();
    assertThat(rig.said()).isEmpty();
    rig.loop.run();
    assertThat(rig.source.failure()).isInstanceOf(TransientFailure.class);
  }

  @Test
  void retiringAnIdleSessionSaysGoodbye() {
    rig.greet("");
    rig.session().retire();
    assertThat(rig.said()).isEqualTo("QUIT|");
    rig.session().retire();
    rig.peer("221 bye");
    assertThat(rig.source.failure()).isNull();
  }

  @Test
  void retiringFinishesTheBatch() {
    for (int step = 0; step < 4; step++) {
      var other = new ClientRig().mail("a@b.example").mail("later@b.example");
      other.greet("");
      for (var line : List.of("250 ok", "250 ok", "354 go", "250 taken")) {
        if (step-- == 0) {
          other.session().retire();
        }
        other.peer(line);
      }
      step += 4;
      assertThat(other.source.outcomes()).containsOnlyKeys("a@b.example");
      other.peer("221 bye");
      other.assertOver();
    }
    rig.greet("");
    rig.session().retire();
    rig.peer("221 bye");
  }

  @Test
  void retiringWhileAnOutcomeIsToldEndsTheSession() {
    rig.source.whenTold(() -> rig.session().retire());
    rig.mail("a@b.example").mail("later@b.example");
    rig.greet("250 PIPELINING");
    rig.peer("250 ok|250 ok|354 go");
    rig.said();
    assertThat(rig.peer("250 ok")).isEqualTo("QUIT|");
    rig.peer("221 bye");
    assertThat(rig.source.outcomes()).containsOnlyKeys("a@b.example");
  }

  @Test
  void retiringWhenReadyOrAskedEndsTheSession() {
    rig.source.whenReady(() -> rig.session().retire());
    assertThat(rig.greet("")).isEqualTo("QUIT|");
    rig.peer("221 bye");
    var other = new ClientRig();
    other.source.whenAsked(() -> other.session().retire());
    assertThat(other.greet("")).isEqualTo("QUIT|");
    other.peer("221 bye");
    other.assertOver();
  }

  @Test
  void connectionIsGivenUpAfterSoManyDeliveries() {
    rig.limits(1, 100);
    rig.mail("refused@b.example").mail("a@b.example").mail("later@b.example");
    rig.greet("250 PIPELINING");
    rig.peer("550 no|503 no|503 no");
    rig.peer("250 ok|250 ok|354 go");
    rig.said();
    assertThat(rig.peer("250 ok")).isEqualTo("QUIT|");
    rig.peer("221 bye");
    assertThat(rig.source.outcomes()).doesNotContainKey("later@b.example");
  }

  @Test
  void goodbyeOfAnIdlePeerEndsTheSessionQuietly() {
    rig.greet("");
    assertThat(rig.peer("421 4.4.2 you are idle")).isEmpty();
    assertThat(rig.source.failure()).isNull();
  }

  @Test
  void anythingElseFromAnIdlePeerEndsTheSession() {
    rig.greet("");
    assertThat(rig.peer("250 by the way")).isEmpty();
    assertThat(rig.source.closed()).isTrue();
  }

  @Test
  void replyTooManyIsNotTakenForTheNextMail() {
    rig.mail("a@b.example").mail("later@b.example");
    rig.greet("250 PIPELINING");
    rig.peer("250 ok|250 ok|354 go");
    rig.said();
    assertThat(rig.peer("250 taken|250 taken again")).isEmpty();
    assertThat(rig.source.outcomes()).containsOnlyKeys("a@b.example");
    assertThat(rig.source.closed()).isTrue();
  }

  @Test
  void contentGoesNoFasterThanThePeerReads() {
    rig.mail("x".repeat(3_000_000) + "\r\n", "", Fields.NONE, "a@b.example");
    rig.greet("250 PIPELINING");
    rig.wire.readsNoMoreThan(0);
    rig.peer("250 ok|250 ok|354 go");
    long received = 0;
    while (received < 3_000_000) {
      rig.loop.pass(rig.policy.bodyTimeoutNanos() - 10_000_000);
      assertThat(rig.source.closed()).isFalse();
      rig.wire.readsNoMoreThan(400_000);
      received += rig.wire.takeSent().length;
    }
    assertThat(received).isEqualTo(3_000_005);
    rig.peer("250 ok");
    assertThat(rig.source.outcome("a@b.example")).isInstanceOf(Delivered.class);
    rig.session().retire();
    rig.peer("221 bye");
  }

  @Test
  void peerThatStopsReadingIsGivenUpInTime() {
    rig.mail("x".repeat(3_000_000) + "\r\n", "", Fields.NONE, "a@b.example");
    rig.greet("250 PIPELINING");
    rig.wire.readsNoMoreThan(100_000);
    rig.peer("250 ok|250 ok|354 go");
    rig.loop.pass(rig.policy.bodyTimeoutNanos());
    assertThat(rig.source.outcome("a@b.example"))
        .isInstanceOfSatisfying(
            TransientFailure.class,
            failure -> {
              assertThat(failure.scope()).isEqualTo(Scope.SESSION);
              assertThat(failure.reply().stage()).isEqualTo("body");
              assertThat(failure.reply().text()).isEqualTo("the other side stopped reading");
            });
  }

  @Test
  void peerThatNeverReadsCannotKeepTheSessionFromClosing() {
    rig.mail("a@b.example");
    rig.greet("250 PIPELINING");
    rig.wire.readsNoMoreThan(0);
    rig.peer("250 ok|250 ok|354 go");
    rig.peer("not a reply");
    assertThat(rig.source.outcome("a@b.example")).isInstanceOf(Unknown.class);
    assertThat(rig.source.closed()).isFalse();
    rig.loop.pass(rig.policy.rsetTimeoutNanos());
    assertThat(rig.source.closed()).isTrue();
  }

  @Test
  void abortingEndsEveryPhaseAtOnce() {
    var dialogue = List.of("220 hello", "250 peer", "250 ok", "250 ok", "354 go", "250 taken");
    for (int said = 0; said <= dialogue.size(); said++) {
      var other = new ClientRig().mail("a@b.example").open();
      dialogue.subList(0, said).forEach(other::peer);
      assertThat(other.session().connectionId()).isPositive();
      other.session().abort();
      other.session().abort();
      var outcome = other.source.outcomes().get("a@b.example");
      var expected =
          said < 2
              ? null
              : said < 5 ? TransientFailure.class : said < 6 ? Unknown.class : Delivered.class;
      assertThat(outcome == null ? null : outcome.getClass()).isEqualTo(expected);
      other.assertOver();
      assertThat(other.source.failure() == null).isEqualTo(said >= 2);
    }
    rig.greet("");
    rig.session().abort();
  }

  @Test
  void abortingEndsAGoodbyeThatIsNotAnswered() {
    rig.greet("");
    rig.session().retire();
    assertThat(rig.source.closed()).isFalse();
    rig.session().abort();
    rig.loop.run();
    assertThat(rig.source.closed()).isTrue();
  }

  @Test
  void abortingASessionThatClosesDoesNotWaitForThePeer() {
    rig.greet("");
    rig.wire.readsNoMoreThan(0);
    rig.peer("250 by the way");
    rig.session().abort();
    rig.loop.run();
    assertThat(rig.source.closed()).isTrue();
  }
}
