package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.domain.Bounces.Action;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Stub;
import org.flywheelmta.message.Tag;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages that wait without being in memory. */
final class StubTest {
  private static final Outcome REFUSED =
      new Outcome.TransientFailure(new Reply("connect", 0, "4.4.1", "refused"), Scope.DOMAIN);

  private final DomainStage stage = new DomainStage();

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private QueueTotals totals() {
    return stage.domains.totals().getFirst();
  }

  /** So many messages of earlier runs, each of its own transaction. */
  private List<Message> recovered(int count, String domain) {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < count; i++) {
      var to = "user" + i + "@" + domain;
      messages.add(stage.message(stage.transaction(1, Fields.NONE), 0, to, null));
    }
    assertThat(stage.recover(messages)).isTrue();
    stage.schedulers.run();
    return messages;
  }

  private void suspend(String domain, boolean suspended, Duration lifetime) {
    var options = DomainStage.policy();
    options.gateway = null;
    options.suspend = suspended;
    options.expiration = lifetime;
    stage.policies.put(domain, options.build());
    stage.hosts.put(domain, "10.0.0.1");
  }

  private void loseAll(List<Message> messages) {
    messages.forEach(message -> stage.spool.damage(message.transaction().id()));
  }

  @Test
  void whatWaitsCountsAsAStubAndWhatIsDeliveredAsAMessage() {
    suspend("still.com", true, Duration.ofDays(7));
    recovered(30, "still.com");
    assertThat(stage.queueMemory.taken()).isEqualTo(30L * Stub.ENTRY_BYTES);
    stage.method.hangs = true;
    suspend("still.com", false, Duration.ofDays(7));
    stage.domains.onPolicyChange();
    stage.advance(Duration.ofSeconds(1));
    assertThat(totals().delivering()).isEqualTo(1);
    assertThat(stage.queueMemory.taken()).isGreaterThan(30L * Stub.ENTRY_BYTES);
    stage.method.hangs = false;
    stage.schedulers.on(0, stage.method.sessions.getFirst()::answer);
    stage.advance(Duration.ofMinutes(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(30);
    assertThat(stage.queueMemory.taken()).isZero();
  }

  @Test
  void deadHostFailsStubsWhoseEnvelopesAreReadInTwoBatchesAtATime() {
    stage.method.connect = () -> REFUSED;
    stage.spool.holding = true;
    recovered(1_000, "example.com");
    stage.advance(Duration.ofMillis(100));
    assertThat(stage.spool.held()).isEqualTo(EnvelopeReads.MOST_AT_ONCE);
    stage.checkPlaces();
    assertThat(totals().active()).isEqualTo(1_000);
    stage.spool.letGo();
    stage.advance(Duration.ofMillis(500));
    assertThat(totals().delayed()).isEqualTo(1_000);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(1_000);
    assertThat(stage.spool.envelopesRead).isEqualTo(1_000);
    assertThat(stage.spool.loaded).isEmpty();
    assertThat(stage.events.events.getFirst().recipient()).isEqualTo("user0@example.com");
    assertThat(stage.queueMemory.taken()).isEqualTo(1_000L * Stub.ENTRY_BYTES);
  }

  @Test
  void envelopesAreNotReadWhileNothingCanBeWrittenDown() {
    stage.method.connect = () -> REFUSED;
    stage.events.room = 0;
    recovered(10, "example.com");
    stage.advance(Duration.ofMillis(800));
    assertThat(stage.spool.envelopesRead).isZero();
    stage.events.room = 1_000;
    stage.advance(Duration.ofMillis(500));
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(10);
  }

  @Test
  void spoolThatSaysLaterIsAskedAgain() {
    stage.method.connect = () -> REFUSED;
    stage.spool.envelopesAreShort = true;
    recovered(150, "example.com");
    stage.advance(Duration.ofSeconds(2));
    stage.checkPlaces();
    assertThat(stage.events.events).isEmpty();
    stage.spool.envelopesAreShort = false;
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(150);
  }

  @Test
  void damagedRecordEndsAsFailedWithoutSenderAndRecipientAndOthersLive() {
    stage.method.connect = () -> REFUSED;
    var messages = recovered(5, "example.com");
    loseAll(messages.subList(1, 2));
    stage.advance(Duration.ofMillis(500));
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(4);
    assertThat(stage.events.count(MailEvent.Type.BOUNCE)).isEqualTo(1);
    var event =
        stage.events.events.stream()
            .filter(each -> each.type() == MailEvent.Type.BOUNCE)
            .findFirst()
            .orElseThrow();
    assertThat(event.sender()).isEmpty();
    assertThat(event.recipient()).isEmpty();
    assertThat(event.reply().stage()).isEqualTo("content");
    assertThat(event.transaction()).isEqualTo(messages.get(1).transaction().id());
    assertThat(stage.isDone(messages.get(1))).isTrue();
    assertThat(stage.operator).hasSize(1);
    assertThat(stage.operator.getFirst()).contains(messages.get(1).id().toString());
  }

  @Test
  void damagedRecordThatASessionTakesEndsTheSameWay() {
    var messages = recovered(3, "example.com");
    loseAll(messages.subList(0, 1));
    stage.advance(Duration.ofSeconds(2));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(2);
    assertThat(stage.events.count(MailEvent.Type.BOUNCE)).isEqualTo(1);
    assertThat(stage.operator).hasSize(1);
  }

  @Test
  void sessionWhoseSpoolSaysLaterPutsTheMessageOffWithoutAnAttempt() {
    stage.spool.envelopesAreShort = true;
    var message = recovered(1, "example.com").getFirst();
    stage.advance(Duration.ofSeconds(1));
    assertThat(totals().delayed()).isEqualTo(1);
    assertThat(stage.events.events).isEmpty();
    stage.spool.envelopesAreShort = false;
    stage.advance(Duration.ofMinutes(25));
    assertThat(stage.isDone(message)).isTrue();
    assertThat(stage.events.events.getFirst().attempt()).isEqualTo(1);
  }

  @Test
  void lifetimeOfStubsEndsWithoutASession() {
    suspend("still.com", true, Duration.ofMinutes(5));
    recovered(250, "still.com");
    stage.advance(Duration.ofMinutes(4));
    assertThat(totals().active()).isEqualTo(250);
    stage.advance(Duration.ofMinutes(2));
    assertThat(stage.events.count(MailEvent.Type.EXPIRY)).isEqualTo(250);
    assertThat(stage.events.events.getFirst().sender()).isEqualTo("sender@example.net");
    assertThat(stage.method.opened).isEmpty();
  }

  @Test
  void lifetimeThatEndsWhileTheEnvelopeIsReadForAFailureEndsOnce() {
    suspend("example.com", false, Duration.ofMinutes(30));
    stage.method.connect = () -> REFUSED;
    var message = recovered(1, "example.com").getFirst();
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.attempts(message)).isEqualTo(1);
    stage.spool.holding = true;
    stage.advance(Duration.ofMinutes(35));
    stage.checkPlaces();
    assertThat(stage.spool.held()).isEqualTo(2);
    stage.spool.letGo();
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.EXPIRY)).isEqualTo(1);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(1);
    assertThat(stage.isDone(message)).isTrue();
  }

  @Test
  void siblingsWithOtherHeadersGoBackAndTravelApart() {
    var transaction = stage.transaction(4, Fields.NONE);
    var changed = Fields.NONE.with(Tag.OVERLAY, new byte[] {1});
    var messages = new ArrayList<Message>();
    for (int i = 0; i < 4; i++) {
      var fields = i % 2 == 0 ? Fields.NONE : changed;
      messages.add(stage.message(transaction, i, "user" + i + "@example.com", fields, null));
    }
    stage.recover(messages);
    stage.advance(Duration.ofSeconds(2));
    assertThat(stage.method.batches.stream().map(batch -> batch.messages().size()))
        .containsExactly(2, 2);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(4);
  }

  @Test
  void changeOfPolicyMovesStubsWithoutReadingThem() {
    suspend("still.com", true, Duration.ofDays(7));
    recovered(300, "still.com");
    suspend("still.com", false, Duration.ofDays(7));
    var options = DomainStage.policy();
    stage.method.connectNanos = Duration.ofHours(1).toNanos();
    stage.policies.put("still.com", options.build());
    stage.domains.onPolicyChange();
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.opened.getFirst().address().getPort()).isEqualTo(2600);
    assertThat(totals().active()).isEqualTo(300);
    assertThat(stage.spool.envelopesRead).isZero();
    assertThat(stage.spool.loaded).isEmpty();
    assertThat(stage.queueMemory.taken()).isEqualTo(300L * Stub.ENTRY_BYTES);
  }

  @Test
  void stopWhileEnvelopesAreReadLeavesNothing() {
    var other = new DomainStage();
    other.method.connect = () -> REFUSED;
    other.spool.holding = true;
    for (int i = 0; i < 500; i++) {
      var transaction = other.transaction(1, Fields.NONE);
      assertThat(other.recover(other.message(transaction, 0, "u@example.com", null))).isTrue();
    }
    other.advance(Duration.ofMillis(100));
    assertThat(other.spool.held()).isEqualTo(EnvelopeReads.MOST_AT_ONCE);
    other.stop();
    other.spool.letGo();
    other.schedulers.run();
    assertThat(other.queueMemory.taken()).isZero();
    assertThat(other.events.events).isEmpty();
  }

  @Test
  void turnsOfStubsHaveTheirEnvelopesReadOnlyThen() {
    stage.method.connect = () -> REFUSED;
    stage.bounces.owed = (message, action) -> action == Action.DELAYED;
    stage.bounces.holding = true;
    var messages = recovered(200, "example.com");
    stage.advance(Duration.ofMillis(500));
    assertThat(totals().bouncing()).isEqualTo(200);
    assertThat(stage.spool.envelopesRead).isEqualTo(200);
    // Three are told at once; the others wait as stubs.
    assertThat(stage.queueMemory.taken()).isLessThan(200L * Stub.ENTRY_BYTES + 3 * 1_000);
    loseAll(messages.subList(100, 101));
    stage.bounces.letGo();
    stage.advance(Duration.ofSeconds(1));
    assertThat(totals().delayed()).isEqualTo(199);
    assertThat(stage.isDone(messages.get(100))).isTrue();
    assertThat(stage.spool.outcomes).anyMatch(entry -> entry.outcome().kind() == Kind.FAILED);
    assertThat(stage.bounces.mostUnderWay).isEqualTo(3);
    assertThat(stage.dueMicros(messages.get(99))).isGreaterThan(stage.schedulers.wallMicros());
  }

  @Test
  void turnWaitsForASpoolThatSaysLater() {
    stage.method.connect = () -> REFUSED;
    stage.bounces.owed = (message, action) -> action == Action.DELAYED;
    stage.bounces.holding = true;
    recovered(20, "example.com");
    stage.advance(Duration.ofMillis(500));
    stage.spool.envelopesAreShort = true;
    stage.bounces.letGo();
    stage.advance(Duration.ofSeconds(1));
    assertThat(totals().bouncing()).isEqualTo(17);
    stage.checkPlaces();
    stage.spool.envelopesAreShort = false;
    stage.advance(Duration.ofSeconds(1));
    assertThat(totals().delayed()).isEqualTo(20);
  }

  @Test
  void delayedStubsComeOutInTheOrderOfTheirTimes() {
    suspend("still.com", true, Duration.ofDays(7));
    long now = stage.schedulers.wallMicros();
    var messages = new ArrayList<Message>();
    for (int i = 0; i < 3 * DelayedQueue.PAGE + 7; i++) {
      var message = stage.message(stage.transaction(1, Fields.NONE), 0, "u@still.com", null);
      message.schedule(1, now + 1_000_000 + 7_919L * i % 1_543 * 1_000);
      messages.add(message);
    }
    assertThat(stage.recover(messages)).isTrue();
    stage.schedulers.run();
    for (int i = 0; i < 30; i++) {
      stage.advance(Duration.ofMillis(100));
      stage.checkPlaces();
      long wall = stage.schedulers.wallMicros();
      long due = messages.stream().filter(each -> each.dueMicros() <= wall - 5_000).count();
      long early = messages.stream().filter(each -> each.dueMicros() > wall).count();
      assertThat(totals().active()).isGreaterThanOrEqualTo(due);
      assertThat(totals().delayed()).isGreaterThanOrEqualTo(early);
    }
    assertThat(totals().active()).isEqualTo(messages.size());
  }
}
