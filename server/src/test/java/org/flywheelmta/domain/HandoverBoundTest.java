package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.Admission.Level;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.intake.Intake;
import org.flywheelmta.intake.IntakeCompletion;
import org.flywheelmta.intake.Reception;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.TimedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How much is on its way to a scheduler that does not run for a while. */
class HandoverBoundTest {
  private static final int LIMIT = 100;
  private static final int SESSIONS = 20;
  private static final int RECIPIENTS = 50;
  private static final int SOURCES = 0;
  private static final int TARGET = 1;

  private final DomainStage stage = new DomainStage(2, 9, DomainStage.limits(LIMIT, 100));
  private final Intake intake =
      new Intake(
          stage.spool,
          stage.events,
          messages -> {
            stage.made.addAll(messages);
            stage.domains.enqueue(messages);
          },
          Admission.strictest(stage.domains),
          // Memory is not what is short here.
          new MemoryBudget("memory_limit", 1L << 30),
          new MemoryBudget("queue_memory_limit", 1L << 30));
  private final List<Source> sources = new ArrayList<>();
  private String domain = "";
  private int refused;
  private int accepted;

  @BeforeEach
  void domainOfTheTarget() {
    var direct = DomainStage.policy();
    direct.gateway = null;
    for (int i = 0; domain.isEmpty(); i++) {
      var name = "d" + i + ".com";
      stage.policies.put(name, direct.build());
      if (stage.domains.destinations.of(name).home() == TARGET) {
        domain = name;
      }
    }
    stage.hosts.put(domain, "127.0.0.9");
  }

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private long onTheWay() {
    return stage.domains.tables().get(TARGET).handover.taken();
  }

  /** What a listener's session does: it asks at MAIL and at DATA, and has one transaction. */
  private final class Source implements IntakeCompletion {
    private final int index;
    private final TimedEvent again = TimedEvent.of(now -> mail());
    private final TimedEvent data = TimedEvent.of(now -> data());
    private int left;

    Source(int index, int mails) {
      this.index = index;
      this.left = mails;
    }

    private void mail() {
      if (left == 0) {
        return;
      }
      if (intake.takesMail()) {
        stage.schedulers.all().get(SOURCES).arm(data, (1 + index % 7) * 1_000_000L);
      } else {
        refuse();
      }
    }

    private void data() {
      if (!intake.takesMail()) {
        refuse();
        return;
      }
      left--;
      var scheduler = stage.schedulers.all().get(SOURCES);
      var recipients = new ArrayList<Reception.Recipient>();
      for (int i = 0; i < RECIPIENTS; i++) {
        var address = Address.of("u" + i + "@" + domain);
        var recipient = new Reception.Recipient(address, Fields.NONE);
        assertThat(intake.takeRoom(Fields.NONE, recipient)).as("room for a message").isTrue();
        recipients.add(recipient);
      }
      intake.accept(
          new Reception(
              intake.newId(scheduler),
              1,
              scheduler.nanoTime(),
              Address.of("sender@example.net"),
              Fields.NONE,
              recipients,
              new Reception.Origin("test", "")),
          stage.content(),
          scheduler,
          this);
    }

    private void refuse() {
      refused++;
      stage.schedulers.all().get(SOURCES).arm(again, 100_000_000);
    }

    @Override
    public void onAccepted() {
      accepted++;
      mail();
    }

    @Override
    public void onDuplicate(TransactionId first) {
      throw new AssertionError("no mail has a dedupe key");
    }

    @Override
    public void onRefused(Refusal refusal) {
      throw new AssertionError("the spool and the event log have room");
    }
  }

  private void startSources(int mails) {
    for (int i = 0; i < SESSIONS; i++) {
      var source = new Source(i, mails);
      sources.add(source);
      stage.schedulers.on(SOURCES, source::mail);
    }
  }

  private long deliveries() {
    return stage.events.count(MailEvent.Type.DELIVERY);
  }

  @Test
  void sourcesStopAndTheMostIsTheLimitAndOneTransactionOfEachSession() {
    for (int i = 0; i < LIMIT - 1; i++) {
      stage.send("user@" + domain);
    }
    stage.schedulers.stall(TARGET, true);
    // Every session is told at DATA to go on, and then all of them commit at once.
    stage.spool.holding = true;
    startSources(3);
    stage.advance(Duration.ofMillis(50));
    assertThat(stage.spool.held()).isEqualTo(SESSIONS);
    assertThat(onTheWay()).isEqualTo(LIMIT - 1);
    stage.spool.letGo();
    stage.advance(Duration.ofSeconds(30));
    assertThat(onTheWay()).isEqualTo(LIMIT - 1 + SESSIONS * RECIPIENTS);
    assertThat(accepted).isEqualTo(SESSIONS);
    assertThat(refused).isGreaterThan(SESSIONS);
    stage.schedulers.stall(TARGET, false);
    stage.advance(Duration.ofMinutes(1));
    assertThat(onTheWay()).isZero();
    assertThat(accepted).isEqualTo(3 * SESSIONS);
    assertThat(deliveries()).isEqualTo(LIMIT - 1 + 3L * SESSIONS * RECIPIENTS);
  }

  @Test
  void sourcesThatCommitAtTheirOwnPaceGoFarLessAboveTheLimit() {
    stage.schedulers.stall(TARGET, true);
    startSources(3);
    stage.advance(Duration.ofSeconds(10));
    // Those of one millisecond of the first round, at most a seventh of the sessions.
    assertThat(onTheWay()).isBetween((long) LIMIT, LIMIT + 3L * RECIPIENTS);
    stage.schedulers.stall(TARGET, false);
    stage.advance(Duration.ofMinutes(1));
    assertThat(deliveries()).isEqualTo(3L * SESSIONS * RECIPIENTS);
  }

  @Test
  void messagesThatMoveWaitWhereTheyAreAndNoListenerRefusesMailForThem() {
    var still = DomainStage.policy();
    still.gateway = null;
    still.suspend = true;
    stage.policies.put("still.com", still.build());
    for (int i = 0; i < 2000; i++) {
      stage.send("user@still.com");
      stage.schedulers.run();
    }
    // Now it goes through a gateway, whose shards are on both schedulers.
    still.suspend = false;
    still.gateway = DomainStage.GATEWAY;
    stage.policies.put("still.com", still.build());
    stage.schedulers.stall(TARGET, true);
    stage.domains.onPolicyChange();
    for (int i = 0; i < 100; i++) {
      stage.advance(Duration.ofMillis(100));
      assertThat(onTheWay()).isLessThanOrEqualTo(LIMIT / 2);
      assertThat(stage.domains.level()).isEqualTo(Level.OPEN);
    }
    stage.schedulers.stall(TARGET, false);
    for (int i = 0; i < 300; i++) {
      stage.advance(Duration.ofMillis(100));
      stage.checkPlaces();
      assertThat(stage.domains.level()).isEqualTo(Level.OPEN);
    }
    assertThat(deliveries()).isEqualTo(2000);
  }

  @Test
  void recoveryLeavesHalfOfTheDoorToListeners() {
    stage.schedulers.stall(TARGET, true);
    int taken = 0;
    var message = recovered();
    while (stage.recover(message)) {
      taken++;
      message = recovered();
    }
    assertThat(taken).isEqualTo(LIMIT / 2);
    assertThat(stage.domains.level()).isEqualTo(Level.OPEN);
    stage.schedulers.stall(TARGET, false);
    stage.schedulers.run();
    assertThat(stage.recover(message)).isTrue();
    stage.advance(Duration.ofMinutes(1));
    assertThat(deliveries()).isEqualTo(LIMIT / 2 + 1);
  }

  private Message recovered() {
    return stage.message(stage.transaction(1, Fields.NONE), 0, "user@" + domain, null);
  }
}
