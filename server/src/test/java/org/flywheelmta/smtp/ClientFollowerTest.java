package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.flywheelmta.domain.Outcome;
import org.flywheelmta.domain.Outcome.Delivered;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.domain.Outcome.Unknown;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The envelope of the next mail travels with the end of a content. */
class ClientFollowerTest {
  private static final String MAIL = "MAIL FROM:<sender@example.org>|";
  private static final String BODY = "Subject: x||Hello|.|";
  private static final String BOTH = BODY + envelope("b@x.example");

  private final ClientRig rig = new ClientRig();
  private boolean over;

  private static String envelope(String recipient) {
    return MAIL + "RCPT TO:<" + recipient + ">|DATA|";
  }

  @BeforeEach
  void twoMailsWaitAndTheFirstContentIsOnItsWay() {
    rig.source.lookAhead();
    rig.mail("a@x.example").mail("b@x.example");
    assertThat(rig.greet("250 PIPELINING")).isEqualTo(envelope("a@x.example"));
    assertThat(rig.peer("250 ok|250 ok|354 go")).isEqualTo(BOTH);
  }

  @AfterEach
  void sessionEndsAndGivesEverythingBack() {
    if (!over) {
      rig.loop.pass(rig.policy.idleTimeoutNanos());
      rig.peer("221 bye");
    }
    rig.assertOver();
  }

  private Outcome outcome(String recipient) {
    return rig.source.outcome(recipient);
  }

  private void closedByThePeer() {
    rig.wire.peerCloses();
    rig.loop.run();
    over = true;
  }

  @Test
  void oneRoundTripADelivery() {
    rig.mail("c@x.example");
    assertThat(rig.peer("250 taken|250 ok|250 ok|354 go"))
        .isEqualTo(BODY + envelope("c@x.example"));
    assertThat(outcome("a@x.example")).isInstanceOf(Delivered.class);
    assertThat(rig.peer("250 taken|250 ok|250 ok|354 go")).isEqualTo(BODY);
    assertThat(rig.peer("250 taken")).isEmpty();
    assertThat(rig.source.outcomes().keySet())
        .containsExactly("a@x.example", "b@x.example", "c@x.example");
    assertThat(rig.source.outcomes().values()).allMatch(Delivered.class::isInstance);
    assertThat(rig.source.givenBack()).isEmpty();
  }

  @Test
  void repliesMayComeOneByOne() {
    for (var reply : new String[] {"250 taken", "250 ok", "250 ok"}) {
      assertThat(rig.peer(reply)).isEmpty();
    }
    assertThat(rig.peer("354 go")).isEqualTo(BODY);
    rig.peer("250 taken");
    assertThat(outcome("b@x.example")).isInstanceOf(Delivered.class);
  }

  @Test
  void refusalOfTheFirstContentIsItsOwn() {
    assertThat(rig.peer("554 5.7.1 no|250 ok|250 ok|354 go")).isEqualTo(BODY);
    assertThat(outcome("a@x.example")).isInstanceOf(PermanentFailure.class);
    rig.peer("250 taken");
    assertThat(outcome("b@x.example")).isInstanceOf(Delivered.class);
  }

  @Test
  void refusedFollowerIsOfferedOnceMoreAloneAndOnlyThenBelieved() {
    assertThat(rig.peer("250 taken|250 ok|550 5.1.1 who|503 no recipients")).isEqualTo("RSET|");
    assertThat(rig.source.givenBack()).containsExactly("b@x.example");
    assertThat(rig.source.outcomes()).doesNotContainKey("b@x.example");
    assertThat(rig.peer("250 ok")).isEqualTo(envelope("b@x.example"));
    assertThat(rig.peer("250 ok|550 5.1.1 who|503 no recipients")).isEqualTo("RSET|");
    assertThat(outcome("b@x.example")).isInstanceOf(PermanentFailure.class);
    assertThat(rig.source.trusts()).isTrue();
    rig.peer("250 ok");
  }

  @Test
  void refusedSenderIsOfferedOnceMoreToo() {
    assertThat(rig.peer("250 taken|451 later|503 no sender|503 no sender"))
        .isEqualTo(envelope("b@x.example"));
    assertThat(rig.source.givenBack()).containsExactly("b@x.example");
    assertThat(rig.peer("250 ok|250 ok|354 go")).isEqualTo(BODY);
    rig.peer("250 taken");
    assertThat(outcome("b@x.example")).isInstanceOf(Delivered.class);
  }

  @Test
  void dataThatIsTakenWithoutARecipientGetsTheEndAloneAndTheMailIsOfferedAgain() {
    assertThat(rig.peer("250 taken|250 ok|550 who|354 go")).isEqualTo(".|");
    assertThat(rig.peer("554 no recipients")).isEqualTo(envelope("b@x.example"));
    assertThat(rig.peer("250 ok|250 ok|354 go")).isEqualTo(BODY);
    rig.peer("250 taken");
    assertThat(outcome("b@x.example")).isInstanceOf(Delivered.class);
  }

  @Test
  void refusalTooManyForTheContentBouncesNoOtherMail() {
    // 554 twice for the first content: the second looks like an answer to the follower's sender.
    rig.peer("554 no|554 no|250 ok|250 ok|354 go");
    over = true;
    assertThat(outcome("a@x.example")).isInstanceOf(PermanentFailure.class);
    assertThat(rig.source.outcomes()).doesNotContainKey("b@x.example");
    assertThat(rig.source.givenBack()).containsExactly("b@x.example");
  }

  @Test
  void replyTooManyForTheContentDeliversNothingAndEndsTheSession() {
    rig.peer("250 taken|250 taken|250 ok|250 ok|354 go");
    over = true;
    assertThat(outcome("a@x.example")).isInstanceOf(Delivered.class);
    assertThat(rig.source.givenBack()).containsExactly("b@x.example");
    assertThat(rig.source.trusts()).isFalse();
  }

  @Test
  void lossBeforeTheReplyLeavesTheFirstUnknownAndTheFollowerUntried() {
    closedByThePeer();
    assertThat(outcome("a@x.example")).isInstanceOf(Unknown.class);
    assertThat(rig.source.givenBack()).containsExactly("b@x.example");
    assertThat(rig.source.trusts()).isFalse();
  }

  @Test
  void goodbyeAfterTheContentIsNoAttemptOfTheFollower() {
    rig.peer("250 taken|421 enough for today");
    over = true;
    assertThat(outcome("a@x.example")).isInstanceOf(Delivered.class);
    assertThat(rig.source.outcomes()).doesNotContainKey("b@x.example");
    assertThat(rig.source.givenBack()).containsExactly("b@x.example");
  }

  @Test
  void goodbyeInPlaceOfTheReplyIsAFailureOfTheFirstAlone() {
    rig.peer("421 going down");
    over = true;
    assertThat(outcome("a@x.example")).isInstanceOf(TransientFailure.class);
    assertThat(rig.source.givenBack()).containsExactly("b@x.example");
  }

  @Test
  void peerThatDropsWhatItDidNotAwaitCostsHalfAMinute() {
    rig.peer("250 taken");
    rig.loop.pass(31_000_000_000L);
    over = true;
    assertThat(rig.source.givenBack()).containsExactly("b@x.example");
    assertThat(rig.source.trusts()).isFalse();
    assertThat(rig.source.outcomes()).doesNotContainKey("b@x.example");
  }

  @Test
  void lossOfTheFollowersContentIsItsOwnUnknown() {
    assertThat(rig.peer("250 taken|250 ok|250 ok|354 go")).isEqualTo(BODY);
    closedByThePeer();
    assertThat(outcome("b@x.example")).isInstanceOf(Unknown.class);
    assertThat(rig.source.givenBack()).isEmpty();
  }

  @Test
  void retiredSessionFinishesTheFollowerAndLooksNoFurther() {
    rig.mail("c@x.example");
    rig.session().retire();
    assertThat(rig.peer("250 taken|250 ok|250 ok|354 go")).isEqualTo(BODY);
    assertThat(rig.peer("250 taken")).isEqualTo("QUIT|");
    rig.peer("221 bye");
    over = true;
    assertThat(outcome("b@x.example")).isInstanceOf(Delivered.class);
    assertThat(rig.source.outcomes()).doesNotContainKey("c@x.example");
  }

  @Test
  void abortedSessionKnowsNothingOfTheFirstAndHasNotTriedTheFollower() {
    rig.session().abort();
    rig.loop.run();
    over = true;
    assertThat(outcome("a@x.example")).isInstanceOf(Unknown.class);
    assertThat(rig.source.givenBack()).containsExactly("b@x.example");
  }
}
