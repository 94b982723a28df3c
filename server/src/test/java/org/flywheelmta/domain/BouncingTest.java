package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.flywheelmta.base.Admission.Level;
import org.flywheelmta.domain.Bounces.Action;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.message.Tag;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages whose senders are told: counted in their place, bounded, and never lost. */
class BouncingTest {
  private static final Reply UNKNOWN = new Reply("rcpt", 550, "5.1.1", "nobody");
  private static final Reply LATER = new Reply("rcpt", 450, "4.2.1", "later");

  private final DomainStage stage = new DomainStage();

  BouncingTest() {
    stage.bounces.owed = (message, action) -> action == Action.FAILED;
    stage.method.reply = message -> new Outcome.PermanentFailure(UNKNOWN);
  }

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private QueueTotals totals() {
    return stage.domains.totals().getFirst();
  }

  private void settle() {
    stage.advance(Duration.ofMillis(500));
  }

  @Test
  void failedMessageIsInItsPlaceUntilItsSenderIsTold() {
    stage.bounces.holding = true;
    var message = stage.send("user@example.com");
    settle();
    stage.checkPlaces();
    assertThat(totals().bouncing()).isEqualTo(1);
    assertThat(stage.spool.outcomes).isEmpty();
    assertThat(stage.events.count(MailEvent.Type.BOUNCE)).isZero();
    var notice = stage.bounces.asked.getFirst().notice();
    assertThat(notice.action()).isEqualTo(Action.FAILED);
    assertThat(notice.settlement().outcome().kind()).isEqualTo(Kind.FAILED);
    assertThat(notice.reply()).isEqualTo(UNKNOWN);
    stage.bounces.letGo();
    settle();
    assertThat(stage.isDone(message)).isTrue();
    assertThat(stage.spool.outcomes).hasSize(1);
    assertThat(stage.events.count(MailEvent.Type.BOUNCE)).isEqualTo(1);
    assertThat(totals().bouncing()).isZero();
  }

  @Test
  void refusedNotificationMakesTheMessageWaitAndItIsTriedAgain() {
    stage.bounces.refusing = true;
    var message = stage.send("user@example.com");
    settle();
    assertThat(totals().delayed()).isEqualTo(1);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(1);
    assertThat(stage.events.events.getLast().reply().stage()).isEqualTo("bounce");
    assertThat(stage.spool.outcomes.getFirst().outcome().kind()).isEqualTo(Kind.WAITING);
    stage.bounces.refusing = false;
    stage.advance(Duration.ofMinutes(23));
    assertThat(stage.isDone(message)).isTrue();
    assertThat(stage.spool.outcomes.getLast().outcome().kind()).isEqualTo(Kind.FAILED);
    assertThat(stage.events.count(MailEvent.Type.BOUNCE)).isEqualTo(1);
  }

  @Test
  void expiryGoesTheSameWayAndWaitsItsTimeWhenItIsRefused() {
    var options = DomainStage.policy();
    options.expiration = Duration.ofMinutes(5);
    stage.policies.put("example.com", options.build());
    stage.method.reply = message -> new Outcome.TransientFailure(LATER, Scope.MESSAGE);
    stage.bounces.refusing = true;
    var message = stage.send("user@example.com");
    stage.advance(Duration.ofMinutes(6));
    assertThat(stage.bounces.asked).hasSize(1);
    assertThat(stage.bounces.asked.getFirst().notice().settlement().outcome().kind())
        .isEqualTo(Kind.EXPIRED);
    assertThat(totals().delayed()).isEqualTo(1);
    stage.bounces.refusing = false;
    stage.advance(Duration.ofMinutes(40));
    assertThat(stage.bounces.asked).hasSize(2);
    assertThat(stage.isDone(message)).isTrue();
    assertThat(stage.events.count(MailEvent.Type.EXPIRY)).isEqualTo(1);
  }

  @Test
  void expiryInTheQueueOfASuspendedDomainIsTold() {
    var options = DomainStage.policy();
    options.suspend = true;
    options.gateway = null;
    options.expiration = Duration.ofMinutes(5);
    stage.policies.put("example.com", options.build());
    for (int i = 0; i < 50; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.bounces.holding = true;
    stage.advance(Duration.ofMinutes(6));
    stage.checkPlaces();
    assertThat(totals().bouncing()).isEqualTo(50);
    assertThat(stage.bounces.underWay()).isEqualTo(3);
    stage.bounces.letGo();
    settle();
    assertThat(stage.events.count(MailEvent.Type.EXPIRY)).isEqualTo(50);
  }

  @Test
  void manyThatFailTogetherTakeTurnsAndHoldNoSlots() {
    stage.method.connect = () -> new Outcome.TransientFailure(LATER, Scope.DOMAIN);
    stage.bounces.owed = (message, action) -> action == Action.DELAYED;
    stage.bounces.holding = true;
    for (int i = 0; i < 20_000; i++) {
      stage.send("user" + i + "@example.com");
    }
    settle();
    stage.checkPlaces();
    assertThat(totals().bouncing()).isEqualTo(20_000);
    assertThat(stage.events.reserved()).isEqualTo(3);
    stage.bounces.letGo();
    settle();
    assertThat(stage.bounces.mostUnderWay).isEqualTo(3);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(20_000);
    assertThat(totals().delayed()).isEqualTo(20_000);
  }

  @Test
  void turnsWaitForRoomInTheEventLog() {
    stage.bounces.holding = true;
    for (int i = 0; i < 10; i++) {
      stage.send("user" + i + "@example.com");
    }
    settle();
    stage.events.level = Level.PAUSED;
    stage.bounces.letGo();
    settle();
    assertThat(stage.events.count(MailEvent.Type.BOUNCE)).isEqualTo(3);
    assertThat(totals().bouncing()).isEqualTo(7);
    stage.events.level = Level.OPEN;
    settle();
    assertThat(stage.events.count(MailEvent.Type.BOUNCE)).isEqualTo(10);
  }

  @Test
  void delayIsToldAndTheMessageKnowsIt() {
    stage.bounces.owed =
        (message, action) -> action == Action.DELAYED && !message.fields().has(Tag.DELAY_TOLD);
    stage.method.reply = tried -> new Outcome.TransientFailure(LATER, Scope.MESSAGE);
    var message = stage.send("user@example.com");
    settle();
    assertThat(stage.bounces.asked).hasSize(1);
    var settled = stage.bounces.asked.getFirst().notice().settlement().outcome();
    assertThat(settled.kind()).isEqualTo(Kind.WAITING);
    assertThat(settled.fields().has(Tag.DELAY_TOLD)).isTrue();
    assertThat(settled.dueMicros()).isEqualTo(message.dueMicros());
    assertThat(totals().delayed()).isEqualTo(1);
    stage.advance(Duration.ofHours(3));
    assertThat(stage.bounces.asked).as("told once").hasSize(1);
    assertThat(stage.attempts(message)).isGreaterThan(2);
  }

  @Test
  void delayThatCannotBeToldIsAnAttemptAllTheSame() {
    stage.bounces.owed = (message, action) -> action == Action.DELAYED;
    stage.bounces.refusing = true;
    stage.method.reply = tried -> new Outcome.TransientFailure(LATER, Scope.MESSAGE);
    var message = stage.send("user@example.com");
    settle();
    assertThat(totals().delayed()).isEqualTo(1);
    assertThat(stage.spool.outcomes.getFirst().outcome().fields().has(Tag.DELAY_TOLD)).isFalse();
    assertThat(message.fields().has(Tag.DELAY_TOLD)).isFalse();
    assertThat(stage.events.events.getLast().reply()).isEqualTo(LATER);
  }

  @Test
  void deliveryIsKeptEvenWhenNobodyCanBeToldOfIt() {
    stage.bounces.owed = (message, action) -> action == Action.RELAYED;
    stage.bounces.refusing = true;
    stage.bounces.most = 1;
    stage.bounces.holding = true;
    stage.method.reply = tried -> new Outcome.Delivered(ScriptedMethod.FINE, false);
    var first = stage.send("one@example.com");
    var second = stage.send("two@example.com");
    settle();
    // None waits for a turn: what was delivered must not be delivered again.
    assertThat(stage.bounces.underWay()).isEqualTo(2);
    stage.bounces.letGo();
    settle();
    assertThat(stage.isDone(first)).isTrue();
    assertThat(stage.isDone(second)).isTrue();
    assertThat(stage.spool.outcomes)
        .allMatch(entry -> entry.outcome().kind() == Kind.DELIVERED)
        .hasSize(2);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(2);
  }

  @Test
  void hostThatTellsItselfLeavesNothingToTell() {
    stage.bounces.owed = (message, action) -> action == Action.RELAYED;
    stage.method.reply = tried -> new Outcome.Delivered(ScriptedMethod.FINE);
    stage.send("one@example.com");
    settle();
    assertThat(stage.bounces.asked).isEmpty();
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void stopWaitsForThoseUnderWayAndLeavesTheOthersInTheSpool() {
    var other = new DomainStage();
    other.bounces.owed = (message, action) -> true;
    other.method.reply = message -> new Outcome.PermanentFailure(UNKNOWN);
    other.bounces.holding = true;
    for (int i = 0; i < 10; i++) {
      other.send("user" + i + "@example.com");
    }
    other.advance(Duration.ofMillis(500));
    var done = new int[1];
    other.domains.stop(() -> done[0]++);
    other.advance(Duration.ofSeconds(2));
    assertThat(done[0]).isZero();
    other.bounces.letGo();
    other.advance(Duration.ofSeconds(1));
    assertThat(done[0]).isEqualTo(1);
    assertThat(other.spool.outcomes).hasSize(3);
    assertThat(other.made).allMatch(message -> message.refCnt() == 0);
    assertThat(other.made.stream().map(Message::stage).filter(Stage.DONE::equals)).hasSize(3);
  }
}
