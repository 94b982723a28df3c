package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FailureTest {
  private static final Outcome REFUSED =
      new Outcome.TransientFailure(
          new Reply("connect", 0, "4.4.1", "connection refused"), Scope.DOMAIN);

  private final DomainStage stage = new DomainStage();

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private static Outcome failure(Scope scope) {
    return new Outcome.TransientFailure(new Reply("mail", 421, "4.7.0", "go away"), scope);
  }

  @Test
  void failedConnectionCountsAnAttemptForAllThatWaits() {
    stage.method.connect = () -> REFUSED;
    for (int i = 0; i < 2500; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofMillis(500));
    assertThat(stage.method.opened).hasSize(1);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(2500);
    assertThat(stage.domains.totals().getFirst().delayed()).isEqualTo(2500);
    var event = stage.events.events.getFirst();
    assertThat(event.reply().stage()).isEqualTo("connect");
    assertThat(event.attempt()).isEqualTo(1);
    assertThat(stage.made).allMatch(message -> message.refCnt() == 0);
  }

  @Test
  void recordPausesAfterFailedConnectionsAndLonger() {
    stage.method.connect = () -> REFUSED;
    stage.send("a@example.com");
    stage.advance(Duration.ofMillis(100));
    stage.send("b@example.com");
    stage.advance(Duration.ofMillis(800));
    assertThat(stage.method.opened).hasSize(1);
    stage.advance(Duration.ofMillis(200));
    assertThat(stage.method.opened).hasSize(2);
    stage.send("c@example.com");
    stage.advance(Duration.ofMillis(1800));
    assertThat(stage.method.opened).hasSize(2);
    stage.advance(Duration.ofMillis(300));
    assertThat(stage.method.opened).hasSize(3);
  }

  @Test
  void pauseIsLimitedByTheHostAndByTheRetryOfMessages() {
    var policy = DomainStage.policy();
    assertThat(HostRecord.pauseNanos(policy.build(), 1)).isEqualTo(1_000_000_000L);
    assertThat(HostRecord.pauseNanos(policy.build(), 5)).isEqualTo(16_000_000_000L);
    assertThat(HostRecord.pauseNanos(policy.build(), 500)).isEqualTo(120_000_000_000L);
    policy.retry = Duration.ofSeconds(8);
    assertThat(HostRecord.pauseNanos(policy.build(), 500)).isEqualTo(7_000_000_000L);
    policy.retry = Duration.ofNanos(8);
    assertThat(HostRecord.pauseNanos(policy.build(), 1)).isEqualTo(7L);
  }

  @Test
  void hostThatComesBackGetsEverything() {
    var options = DomainStage.policy();
    options.retry = Duration.ofSeconds(10);
    stage.gateway(options);
    stage.method.connect = () -> REFUSED;
    for (int i = 0; i < 100; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofMinutes(5));
    stage.checkPlaces();
    stage.method.connect = () -> null;
    stage.advance(Duration.ofMinutes(30));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(100);
    assertThat(stage.method.mostOpen).isLessThanOrEqualTo(4);
  }

  @Test
  void failedConnectionBesideGoodOnesFailsNoMessage() {
    stage.method.replyNanos = 50_000_000;
    int[] opened = new int[1];
    stage.method.connect = () -> opened[0]++ == 0 ? null : REFUSED;
    for (int i = 0; i < 40; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofSeconds(5));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(40);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isZero();
  }

  @Test
  void failedSessionCostsItsOwnMessageAndPausesTheRecord() {
    stage.method.reply = message -> failure(Scope.SESSION);
    for (int i = 0; i < 5; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofMillis(500));
    assertThat(stage.method.opened).hasSize(1);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(1);
    assertThat(stage.domains.totals().getFirst().active()).isEqualTo(4);
    stage.method.reply = message -> new Outcome.Delivered(ScriptedMethod.FINE);
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(4);
  }

  @Test
  void sessionsThatFailInARowDelayAllThatWaits() {
    stage.method.reply = message -> failure(Scope.SESSION);
    for (int i = 0; i < 50; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofMinutes(9));
    assertThat(stage.method.opened).hasSize(10);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(50);
    assertThat(stage.domains.totals().getFirst().active()).isZero();
  }

  @Test
  void failureOfTheDomainEndsItsOtherSessions() {
    stage.method.replyNanos = 10_000_000;
    for (int i = 0; i < 200; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofMillis(100));
    assertThat(stage.method.open).isEqualTo(4);
    stage.method.reply = message -> failure(Scope.DOMAIN);
    stage.advance(Duration.ofMillis(100));
    assertThat(stage.method.open).isZero();
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isBetween(1L, 4L);
  }

  @Test
  void hostThatClosesBeforeItTakesAMessageIsNotAskedInALoop() {
    stage.method.batchesPerSession = 0;
    stage.send("a@example.com");
    stage.advance(Duration.ofMillis(900));
    assertThat(stage.method.opened).hasSize(1);
    stage.advance(Duration.ofSeconds(6));
    assertThat(stage.method.opened).hasSize(3);
  }

  @Test
  void unknownOutcomeIsTriedAgain() {
    var lost = new Outcome.Unknown(new Reply("body", 0, "4.4.2", "connection lost"));
    stage.method.reply = message -> lost;
    var message = stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.isDone(message)).isFalse();
    assertThat(stage.spool.outcomes.getFirst().outcome().kind()).isEqualTo(Kind.WAITING);
    stage.method.reply = tried -> new Outcome.Delivered(ScriptedMethod.FINE);
    stage.advance(Duration.ofMinutes(25));
    assertThat(stage.isDone(message)).isTrue();
  }

  @Test
  void permanentFailureEndsTheMessage() {
    var unknown = new Outcome.PermanentFailure(new Reply("rcpt", 550, "5.1.1", "no such user"));
    stage.method.reply = message -> unknown;
    var message = stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.isDone(message)).isTrue();
    assertThat(stage.events.events.getFirst().type()).isEqualTo(MailEvent.Type.BOUNCE);
    assertThat(stage.spool.outcomes.getFirst().outcome().kind()).isEqualTo(Kind.FAILED);
  }

  @Test
  void longReplyIsCutForTheSpool() {
    var reply = new Reply("rcpt", 450, "", "x".repeat(5000));
    stage.method.reply = message -> new Outcome.TransientFailure(reply, Scope.MESSAGE);
    stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.spool.outcomes.getFirst().outcome().reply()).hasSize(512);
  }

  @Test
  void drainWaitsForRoomInTheEventLog() {
    stage.method.connect = () -> REFUSED;
    stage.events.room = 0;
    for (int i = 0; i < 10; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofMillis(500));
    assertThat(stage.events.events).isEmpty();
    stage.checkPlaces();
    stage.events.room = 1;
    stage.advance(Duration.ofMillis(200));
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(10);
  }

  @Test
  void outcomeForAMessageThatTheSessionDoesNotHaveIsABug() {
    stage.method.hangs = true;
    stage.send("a@example.com");
    stage.advance(Duration.ofMillis(100));
    var session = stage.method.sessions.getFirst();
    Message other = stage.message(stage.transaction(1, Fields.NONE), 0, "b@example.com", null);
    assertThatThrownBy(
            () ->
                stage.schedulers.on(
                    0,
                    () ->
                        session
                            .source()
                            .onOutcome(session, other, new Outcome.Delivered(ScriptedMethod.FINE))))
        .hasMessageContaining("does not have");
    stage.domains.enqueue(other);
    stage.method.hangs = false;
    stage.schedulers.on(0, session::answer);
    stage.advance(Duration.ofSeconds(1));
  }

  @Test
  void sourceIsGuardedAgainstOtherThreads() {
    stage.method.hangs = true;
    stage.send("a@example.com");
    stage.advance(Duration.ofMillis(100));
    var session = stage.method.sessions.getFirst();
    assertThatThrownBy(() -> session.source().next(session))
        .hasMessageContaining("belongs to scheduler");
    stage.method.hangs = false;
    stage.schedulers.on(0, session::answer);
    stage.advance(Duration.ofSeconds(1));
  }
}
