package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Tag;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetryTest {
  private static final Outcome BUSY =
      new Outcome.TransientFailure(new Reply("rcpt", 450, "4.2.1", "later"), Outcome.Scope.MESSAGE);

  private final DomainStage stage = new DomainStage();

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private static byte[] micros(long micros) {
    var octets = new byte[8];
    for (int i = 0; i < 8; i++) {
      octets[i] = (byte) (micros >>> (56 - 8 * i));
    }
    return octets;
  }

  @Test
  void pauseDoublesUpToItsLimit() {
    var policy = DomainStage.policy().build();
    assertThat(Retry.pauseNanos(policy, 1)).isEqualTo(Duration.ofMinutes(20).toNanos());
    assertThat(Retry.pauseNanos(policy, 2)).isEqualTo(Duration.ofMinutes(40).toNanos());
    assertThat(Retry.pauseNanos(policy, 6)).isEqualTo(Duration.ofMinutes(640).toNanos());
    assertThat(Retry.pauseNanos(policy, 7)).isEqualTo(Duration.ofHours(12).toNanos());
    assertThat(Retry.pauseNanos(policy, 1000)).isEqualTo(Duration.ofHours(12).toNanos());
  }

  @Test
  void attemptsComeWithinTheSpreadNeverEarlyAndHardlyLate() {
    var attempts = new ArrayList<Long>();
    var messages = new ArrayList<Message>();
    stage.method.reply =
        message -> {
          attempts.add(stage.schedulers.wallMicros());
          return BUSY;
        };
    messages.add(stage.send("a@example.com"));
    stage.advance(Duration.ofHours(4));
    assertThat(attempts).hasSizeGreaterThanOrEqualTo(4);
    // The way to an attempt: connecting and one reply.
    long way = (stage.method.connectNanos + stage.method.replyNanos) / 1000;
    for (int i = 1; i < attempts.size(); i++) {
      long pause = Retry.pauseNanos(DomainStage.policy().build(), i) / 1000;
      long kept = stage.spool.outcomes.get(i - 1).outcome().dueMicros();
      assertThat(kept - attempts.get(i - 1)).isBetween(pause * 9 / 10, pause * 11 / 10);
      assertThat(attempts.get(i) - way - kept).isBetween(0L, 5_000L);
      assertThat(stage.spool.outcomes.get(i - 1).outcome().attempts()).isEqualTo(i);
    }
    assertThat(messages.getFirst().refCnt()).as("a stub").isZero();
  }

  @Test
  void spreadSetsMessagesApartAndKeepsSiblingsTogether() {
    stage.method.reply = message -> BUSY;
    stage.domains.enqueue(stage.messages("a@x.com", "b@x.com", "c@x.com"));
    stage.send("d@x.com");
    stage.send("e@x.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.made.stream().map(stage::dueMicros).distinct()).hasSize(3);
    stage.method.batches.clear();
    stage.method.reply = message -> new Outcome.Delivered(ScriptedMethod.FINE);
    stage.advance(Duration.ofMinutes(25));
    assertThat(stage.method.batches.stream().map(batch -> batch.messages().size()))
        .containsExactlyInAnyOrder(3, 1, 1);
  }

  @Test
  void wallClockSetForwardBringsMessagesForwardWithinASecond() {
    stage.method.reply = message -> BUSY;
    stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(1));
    stage.schedulers.stepWall(Duration.ofHours(1).toNanos() / 1000);
    stage.advance(Duration.ofMillis(1200));
    assertThat(stage.method.batches).hasSize(2);
  }

  @Test
  void wallClockSetBackMakesNothingEarly() {
    stage.method.reply = message -> BUSY;
    var message = stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(1));
    long due = stage.dueMicros(message);
    stage.schedulers.stepWall(-Duration.ofHours(1).toNanos() / 1000);
    stage.advance(Duration.ofMinutes(79));
    while (stage.method.batches.size() == 1) {
      assertThat(stage.schedulers.wallMicros()).isLessThan(due + 10_000);
      stage.advance(Duration.ofMillis(1));
    }
    assertThat(stage.schedulers.wallMicros()).isGreaterThanOrEqualTo(due);
  }

  @Test
  void recoveredMessageWaitsForItsTimeAndKeepsItsCount() {
    var message = stage.message(stage.transaction(1, Fields.NONE), 0, "a@x.com", null);
    long due = stage.schedulers.wallMicros() + 10_000_000;
    message.schedule(3, due);
    stage.recover(message);
    stage.advance(Duration.ofMillis(9_999));
    assertThat(stage.method.opened).isEmpty();
    stage.advance(Duration.ofMillis(100));
    assertThat(stage.events.events.getFirst().attempt()).isEqualTo(4);
  }

  @Test
  void messageIsNotDeliveredBeforeItsTime() {
    long notBefore = stage.schedulers.wallMicros() + 60_000_000;
    var fields = Fields.NONE.with(Tag.NOT_BEFORE, micros(notBefore));
    stage.domains.enqueue(
        stage.message(stage.transaction(1, fields), 0, "a@x.com", stage.content()));
    stage.advance(Duration.ofSeconds(59));
    assertThat(stage.method.opened).isEmpty();
    stage.advance(Duration.ofSeconds(2));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void delayedMessageIsGivenUpInTime() {
    var options = DomainStage.policy();
    options.expiration = Duration.ofMinutes(30);
    stage.policies.put("example.com", options.build());
    stage.method.reply = message -> BUSY;
    var message = stage.send("a@example.com");
    stage.advance(Duration.ofMinutes(29).plusSeconds(59));
    assertThat(stage.isDone(message)).isFalse();
    stage.advance(Duration.ofSeconds(2));
    assertThat(stage.isDone(message)).isTrue();
    var last = stage.spool.outcomes.getLast().outcome();
    assertThat(last.kind()).isEqualTo(Kind.EXPIRED);
    assertThat(last.attempts()).isEqualTo(2);
    assertThat(stage.events.count(MailEvent.Type.EXPIRY)).isEqualTo(1);
  }

  @Test
  void activeMessageIsGivenUpInTime() {
    var options = DomainStage.policy();
    options.connections = 1;
    options.expiration = Duration.ofMinutes(30);
    stage.gateway(options);
    stage.policies.put("example.com", options.build());
    stage.method.reply = message -> BUSY;
    var message = stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(10));
    // The one connection that there may be hangs with a message of another domain.
    stage.method.hangs = true;
    stage.send("b@slow.example");
    stage.advance(Duration.ofMinutes(29));
    assertThat(stage.isDone(message)).isFalse();
    assertThat(stage.domains.totals().getFirst().active()).isEqualTo(1);
    stage.advance(Duration.ofMinutes(1));
    assertThat(stage.isDone(message)).isTrue();
    assertThat(stage.events.count(MailEvent.Type.EXPIRY)).isEqualTo(1);
    stage.method.hangs = false;
    var session = stage.method.sessions.getFirst();
    stage.schedulers.on(0, session::answer);
    stage.advance(Duration.ofSeconds(1));
  }

  @Test
  void messageThatWasNeverAttemptedIsTriedOnceThoughItsTimeIsOver() {
    var transaction = stage.transaction(1, Fields.NONE);
    var message = stage.message(transaction, 0, "a@x.com", null);
    stage.advance(Duration.ofDays(8));
    stage.method.reply = tried -> BUSY;
    stage.recover(message);
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.batches).hasSize(1);
    assertThat(stage.events.count(MailEvent.Type.EXPIRY)).isEqualTo(1);
  }

  @Test
  void expiryThatTheMessageAskedForIsStrict() {
    long expiry = stage.schedulers.wallMicros() + 1_000_000;
    var fields = Fields.NONE.with(Tag.EXPIRY, micros(expiry));
    var message = stage.message(stage.transaction(1, fields), 0, "a@x.com", null);
    stage.advance(Duration.ofSeconds(2));
    stage.recover(message);
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.batches).isEmpty();
    assertThat(stage.events.count(MailEvent.Type.EXPIRY)).isEqualTo(1);
  }

  @Test
  void expiryWaitsForRoomInTheEventLog() {
    var options = DomainStage.policy();
    options.expiration = Duration.ofMinutes(10);
    stage.policies.put("example.com", options.build());
    stage.method.reply = message -> BUSY;
    var message = stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(1));
    stage.events.room = 0;
    stage.advance(Duration.ofMinutes(11));
    assertThat(stage.isDone(message)).isFalse();
    stage.checkPlaces();
    stage.events.room = 10;
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.isDone(message)).isTrue();
  }
}
