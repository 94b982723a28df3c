package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Admission.Level;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.message.Tag;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private DomainStage stage = new DomainStage();

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  @Test
  void messageIsDeliveredOnce() {
    var message = stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.isDone(message)).isTrue();
    assertThat(stage.spool.outcomes).hasSize(1);
    assertThat(stage.spool.outcomes.getFirst().outcome().kind()).isEqualTo(Kind.DELIVERED);
    assertThat(stage.spool.outcomes.getFirst().outcome().reply()).isEqualTo("250 2.0.0 ok");
    assertThat(stage.events.events).hasSize(1);
    var event = stage.events.events.getFirst();
    assertThat(event.type()).isEqualTo(MailEvent.Type.DELIVERY);
    assertThat(event.attempt()).isEqualTo(1);
    assertThat(event.where().domain()).isEqualTo(DomainStage.GATEWAY);
    assertThat(event.where().peer()).isEqualTo("127.0.0.1:2600");
    assertThat(event.connectionId()).isEqualTo(1);
    assertThat(event.latencyNanos()).isPositive();
  }

  @Test
  void queueIsFirstInFirstOut() {
    var options = DomainStage.policy();
    options.connections = 1;
    stage.gateway(options);
    var sent = new ArrayList<Message>();
    for (int i = 0; i < 50; i++) {
      sent.add(stage.send("user" + i + "@example" + i % 3 + ".com"));
    }
    stage.advance(Duration.ofSeconds(10));
    var delivered = new ArrayList<Message>();
    stage.method.batches.forEach(batch -> delivered.addAll(batch.messages()));
    assertThat(delivered).isEqualTo(sent);
    assertThat(stage.method.opened).hasSize(1);
  }

  @Test
  void siblingsTravelInOneTransactionUpToTheLimit() {
    var options = DomainStage.policy();
    options.recipients = 3;
    stage.gateway(options);
    stage.domains.enqueue(stage.messages("a@x.com", "b@x.com", "c@x.com", "d@y.com"));
    stage.domains.enqueue(stage.messages("e@x.com"));
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.batches.stream().map(batch -> batch.messages().size()))
        .containsExactly(3, 1, 1);
  }

  @Test
  void siblingsWithOtherHeadersTravelApart() {
    var transaction = stage.transaction(2, Fields.NONE);
    var content = stage.content();
    var fields = Fields.NONE.with(Tag.OVERLAY, new byte[] {1});
    var plain = stage.message(transaction, 0, "a@x.com", content.retain());
    var changed = new Message(transaction, 1, plain.recipient(), fields, Stage.COMMITTED, content);
    stage.made.add(changed);
    stage.domains.enqueue(List.of(plain, changed));
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.batches).hasSize(2);
  }

  @Test
  void connectionsGrowWithSuccessAndNeverExceedTheLimit() {
    var options = DomainStage.policy();
    options.connections = 6;
    stage.gateway(options);
    stage.method.replyNanos = 100_000_000;
    for (int i = 0; i < 200; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.schedulers.run();
    assertThat(stage.method.open).isEqualTo(1);
    stage.advance(Duration.ofMillis(150));
    assertThat(stage.method.open).isEqualTo(2);
    stage.advance(Duration.ofSeconds(30));
    assertThat(stage.method.mostOpen).isEqualTo(6);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(200);
  }

  @Test
  void limitOfTheServerHoldsOverSchedulersAndNobodyIsForgotten() {
    stage = new DomainStage(3, 7, DomainStage.limits(10_000, 2));
    stage.method.idleNanos = 50_000_000;
    for (int i = 0; i < 60; i++) {
      var options = DomainStage.policy();
      options.gateway = "127.0.0." + (1 + i % 20) + ":25";
      stage.policies.put("d" + i + ".com", options.build());
      stage.send("user@d" + i + ".com");
    }
    stage.advance(Duration.ofSeconds(30));
    assertThat(stage.method.mostOpen).isEqualTo(2);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(60);
  }

  @Test
  void idleSessionIsUsedAgain() {
    stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(1));
    stage.send("b@example.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.opened).hasSize(1);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(2);
    stage.advance(Duration.ofSeconds(10));
    assertThat(stage.method.open).isZero();
  }

  @Test
  void messageThatMeetsTheLastSessionOnItsWayOutIsNotLost() {
    stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(1));
    var leaving = stage.method.sessions.getFirst();
    // It says goodbye and does not listen any more, while the record takes it to be idle.
    stage.schedulers.on(0, leaving::retire);
    stage.send("b@example.com");
    stage.schedulers.run();
    // It says so when it is woken, and another is opened at once.
    assertThat(stage.method.opened).hasSize(2);
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.opened).hasSize(2);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(2);
  }

  @Test
  void deliveryWaitsForRoomInTheEventLog() {
    stage.events.room = 0;
    stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(3));
    assertThat(stage.method.batches).isEmpty();
    stage.checkPlaces();
    stage.events.room = 1;
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void nothingIsOpenedWhileOutcomesCannotBeKept() {
    stage.spool.level = Level.PAUSED;
    stage.send("a@example.com");
    stage.advance(Duration.ofMinutes(1));
    assertThat(stage.method.opened).isEmpty();
    stage.spool.level = Level.REFUSING;
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void contentIsReadBackOnceForABatch() {
    var transaction = stage.transaction(2, Fields.NONE);
    var one = stage.message(transaction, 0, "a@x.com", null);
    var two = stage.message(transaction, 1, "b@x.com", null);
    assertThat(stage.recover(one, two)).isTrue();
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.spool.loaded).hasSize(1);
    assertThat(stage.method.batches).hasSize(1);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(2);
  }

  @Test
  void contentThatIsGoneFailsForGoodAndTheOperatorHearsOfIt() {
    var transaction = stage.transaction(1, Fields.NONE);
    stage.spool.lose(transaction.id());
    stage.domains.enqueue(stage.message(transaction, 0, "a@x.com", null));
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.BOUNCE)).isEqualTo(1);
    assertThat(stage.operator).hasSize(1);
    assertThat(stage.spool.outcomes.getFirst().outcome().kind()).isEqualTo(Kind.FAILED);
  }

  @Test
  void contentThatIsShortIsTriedAgain() {
    var transaction = stage.transaction(1, Fields.NONE);
    stage.spool.contentIsShort = true;
    stage.domains.enqueue(stage.message(transaction, 0, "a@x.com", null));
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(1);
    stage.spool.contentIsShort = false;
    stage.advance(Duration.ofMinutes(25));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void sessionThatEndsWhileContentIsReadGivesItsBatchBack() {
    stage.method.connectNanos = 1_000_000;
    var transaction = stage.transaction(1, Fields.NONE);
    stage.domains.enqueue(stage.message(transaction, 0, "a@x.com", null));
    stage.schedulers.run();
    // The session is ready, asks, and goes before the spool has answered.
    var session = stage.method.sessions.getFirst();
    stage.method.idleNanos = 0;
    stage.advance(Duration.ofSeconds(5));
    assertThat(stage.method.sessions).doesNotContain(session);
    stage.method.idleNanos = 1_000_000_000;
    stage.advance(Duration.ofSeconds(5));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void sessionThatReportsNothingIsRetiredAndTold() {
    stage.method.hangs = true;
    stage.send("a@example.com");
    stage.advance(Duration.ofMinutes(29));
    assertThat(stage.operator).isEmpty();
    stage.advance(Duration.ofMinutes(2));
    assertThat(stage.operator).hasSize(1);
    stage.method.hangs = false;
    var session = stage.method.sessions.getFirst();
    stage.schedulers.on(0, session::answer);
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void stopLetsTheBatchFinishAndKeepsTheRest() {
    var options = DomainStage.policy();
    options.connections = 1;
    stage.gateway(options);
    stage.method.replyNanos = 1_000_000_000;
    for (int i = 0; i < 5; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofMillis(10));
    assertThat(stage.method.batches).hasSize(1);
    stage.stop();
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
    assertThat(stage.spool.outcomes).hasSize(1);
    stage = new DomainStage();
  }

  @Test
  void stopAbortsWhatIsNotOverInTimeAndTheSpoolKeepsIt() {
    stage.method.hangs = true;
    stage.send("a@example.com");
    stage.advance(Duration.ofMillis(10));
    var done = new int[1];
    stage.domains.stop(() -> done[0]++);
    stage.advance(Duration.ofSeconds(29));
    assertThat(done[0]).isZero();
    assertThat(stage.method.open).isEqualTo(1);
    stage.advance(Duration.ofSeconds(2));
    assertThat(done[0]).isEqualTo(1);
    assertThat(stage.method.open).isZero();
    assertThat(stage.operator).hasSize(1);
    assertThat(stage.spool.outcomes.getFirst().outcome().kind()).isEqualTo(Kind.WAITING);
    stage = new DomainStage();
  }

  @Test
  void sessionThatDoesNotFollowItsRetirementIsAborted() {
    stage.method.hangs = true;
    var message = stage.send("a@example.com");
    stage.advance(Duration.ofMinutes(31));
    assertThat(stage.method.open).isEqualTo(1);
    stage.method.hangs = false;
    stage.advance(Duration.ofMinutes(30));
    assertThat(stage.operator).hasSize(2);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(1);
    stage.advance(Duration.ofMinutes(25));
    assertThat(stage.isDone(message)).isTrue();
  }

  @Test
  void recoveryIsToldOfWithoutAMistakeInItsNumber() {
    stage.domains.onRecoveryDone(0);
    assertThat(stage.operator).isEmpty();
    stage.domains.onRecoveryDone(1);
    stage.domains.onRecoveryDone(2);
    assertThat(stage.operator)
        .containsExactly(
            "recovery handed over 1 message that waits",
            "recovery handed over 2 messages that wait");
  }
}
