package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions that are at work are waited for, and given mail ahead, where replies come at once. */
class PatienceTest {
  private DomainStage stage = new DomainStage();

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private void patient(Duration patience) {
    var options = DomainStage.policy();
    options.patience = patience;
    options.connections = 20;
    stage.gateway(options);
  }

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      stage.send("user@example.com");
    }
  }

  private long deliveries() {
    return stage.events.count(MailEvent.Type.DELIVERY);
  }

  @Test
  void mailGathersOnTheSessionThatIsFastEnough() {
    patient(Duration.ofMillis(20));
    send(1);
    stage.advance(Duration.ofMillis(10));
    send(9);
    stage.advance(Duration.ofMillis(30));
    assertThat(deliveries()).isEqualTo(10);
    assertThat(stage.method.opened).hasSize(1);
  }

  @Test
  void withoutPatienceEachHasASessionAtOnce() {
    patient(Duration.ZERO);
    send(1);
    stage.advance(Duration.ofMillis(10));
    send(9);
    stage.advance(Duration.ofMillis(30));
    assertThat(deliveries()).isEqualTo(10);
    assertThat(stage.method.opened.size()).isGreaterThan(1);
  }

  @Test
  void moreThanSessionsAtWorkCanDoInTimeGetsOthers() {
    patient(Duration.ofMillis(4));
    send(1);
    stage.advance(Duration.ofMillis(10));
    send(9);
    stage.advance(Duration.ofMillis(1));
    assertThat(stage.method.opened.size()).isGreaterThan(1);
    stage.advance(Duration.ofMillis(50));
    assertThat(deliveries()).isEqualTo(10);
  }

  @Test
  void messageBehindASessionThatHasBecomeSlowIsNotWaitedForLongerThanThat() {
    patient(Duration.ofMillis(20));
    send(1);
    stage.advance(Duration.ofMillis(10));
    stage.method.hangs = true;
    send(1);
    stage.advance(Duration.ofMillis(5));
    stage.method.hangs = false;
    send(1);
    stage.advance(Duration.ofMillis(10));
    assertThat(deliveries()).isEqualTo(1);
    stage.advance(Duration.ofMillis(20));
    assertThat(deliveries()).isEqualTo(2);
    assertThat(stage.method.opened).hasSize(2);
    stage.method.sessions.forEach(session -> stage.schedulers.on(session.owner(), session::answer));
    stage.advance(Duration.ofMillis(10));
    assertThat(deliveries()).isEqualTo(3);
  }

  @Test
  void thoseThatCameLaterAreNotOverdueWithTheFirst() {
    patient(Duration.ofMillis(20));
    send(1);
    stage.advance(Duration.ofMillis(10));
    stage.method.hangs = true;
    send(1);
    stage.advance(Duration.ofMillis(1));
    send(1);
    stage.advance(Duration.ofMillis(18));
    send(4);
    stage.advance(Duration.ofMillis(4));
    assertThat(stage.method.opened).hasSize(2);
    stage.method.hangs = false;
    stage.method.sessions.forEach(session -> stage.schedulers.on(session.owner(), session::answer));
    stage.advance(Duration.ofMillis(100));
    assertThat(deliveries()).isEqualTo(7);
  }

  @Test
  void slowHostIsNotWaitedFor() {
    patient(Duration.ofMillis(20));
    stage.method.replyNanos = 50_000_000;
    send(1);
    stage.advance(Duration.ofMillis(100));
    send(4);
    stage.advance(Duration.ofMillis(5));
    assertThat(stage.method.opened.size()).isGreaterThan(1);
    stage.advance(Duration.ofSeconds(1));
    assertThat(deliveries()).isEqualTo(5);
  }

  @Test
  void messagesAreGivenAheadAndDeliveredInOrder() {
    patient(Duration.ofMillis(100));
    stage.method.looksAhead = true;
    var sent = new ArrayList<Message>();
    for (int i = 0; i < 30; i++) {
      sent.add(stage.send("user" + i + "@example.com"));
    }
    stage.advance(Duration.ofSeconds(1));
    assertThat(deliveries()).isEqualTo(30);
    assertThat(stage.method.givenAhead).isGreaterThan(10);
    assertThat(stage.method.opened).hasSize(1);
    var delivered = new ArrayList<Message>();
    stage.method.batches.forEach(batch -> delivered.addAll(batch.messages()));
    assertThat(delivered).isEqualTo(sent);
  }

  @Test
  void whatCameBackIsNoAttemptAndIsGivenAheadNoMore() {
    patient(Duration.ofMillis(100));
    stage.method.looksAhead = true;
    var back = new HashSet<Message>();
    stage.method.comesBack =
        message -> {
          assertThat(back.add(message)).as("given ahead once").isTrue();
          return true;
        };
    send(12);
    stage.advance(Duration.ofSeconds(1));
    assertThat(deliveries()).isEqualTo(12);
    assertThat(back).isNotEmpty();
    assertThat(stage.events.events).allMatch(event -> event.attempt() == 1);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isZero();
  }

  @Test
  void hostThatCannotDealWithItIsGivenNothingAheadForAWhile() {
    patient(Duration.ofMillis(100));
    stage.method.looksAhead = true;
    stage.method.orderly = false;
    var back = new ArrayList<Message>();
    stage.method.comesBack = back::add;
    send(12);
    stage.advance(Duration.ofSeconds(1));
    assertThat(back).hasSize(1);
    assertThat(stage.method.givenAhead).isZero();
    stage.advance(Duration.ofNanos(Maintainer.GIVEN_BACK_PAUSE_NANOS));
    stage.method.comesBack = message -> false;
    send(12);
    stage.advance(Duration.ofSeconds(1));
    assertThat(deliveries()).isEqualTo(24);
    assertThat(stage.method.givenAhead).isPositive();
  }

  @Test
  void sessionThatBreaksGivesItsFollowerBackUntried() {
    patient(Duration.ofMillis(100));
    stage.method.looksAhead = true;
    send(2);
    stage.advance(Duration.ofMillis(20));
    var lost = new TransientFailure(new Reply("end", 0, "", "lost"), Outcome.Scope.SESSION);
    var failed = new ArrayList<Message>();
    stage.method.reply =
        message ->
            failed.isEmpty() && failed.add(message)
                ? lost
                : new Outcome.Delivered(ScriptedMethod.FINE);
    send(6);
    stage.advance(Duration.ofSeconds(2));
    assertThat(deliveries()).isEqualTo(7);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(1);
    stage.advance(Duration.ofHours(1));
    assertThat(deliveries()).isEqualTo(8);
  }
}
