package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.flywheelmta.base.Admission.Level;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandoverTest {
  private final DomainStage stage = new DomainStage(3, 5, DomainStage.limits(10, 100));

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  @BeforeEach
  void plainDomainHasOneRecord() {
    var options = DomainStage.policy();
    options.gateway = null;
    stage.policies.put("example.com", options.build());
    stage.hosts.put("example.com", "127.0.0.9");
  }

  private List<Message> recovered(int count) {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < count; i++) {
      messages.add(stage.message(stage.transaction(1, Fields.NONE), 0, "a@example.com", null));
    }
    return messages;
  }

  @Test
  void recoveryIsTurnedAwayWhileTooMuchIsOnItsWay() {
    assertThat(stage.recover(recovered(3))).isTrue();
    var more = recovered(3);
    assertThat(stage.recover(more)).isFalse();
    assertThat(stage.domains.inHandover()).isEqualTo(3);
    stage.schedulers.run();
    assertThat(stage.domains.inHandover()).isZero();
    assertThat(stage.recover(more)).isTrue();
    stage.advance(Duration.ofSeconds(5));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(6);
  }

  @Test
  void batchAboveTheLimitGoesThroughAlone() {
    assertThat(stage.recover(recovered(1))).isTrue();
    var large = recovered(25);
    assertThat(stage.recover(large)).isFalse();
    stage.schedulers.run();
    assertThat(stage.recover(large)).isTrue();
    stage.advance(Duration.ofSeconds(5));
  }

  @Test
  void listenersAreToldToTakeLessAndWhatIsDurableIsTakenAllTheSame() {
    for (int i = 0; i < 9; i++) {
      stage.send("a@example.com");
    }
    assertThat(stage.domains.level()).isEqualTo(Level.OPEN);
    stage.send("a@example.com");
    assertThat(stage.domains.level()).isEqualTo(Level.REFUSING);
    stage.send("a@example.com");
    stage.schedulers.run();
    assertThat(stage.domains.level()).isEqualTo(Level.OPEN);
    stage.advance(Duration.ofSeconds(5));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(11);
  }

  @Test
  void transactionForManyDomainsReachesEachSchedulerOnce() {
    for (int i = 0; i < 9; i++) {
      var options = DomainStage.policy();
      options.gateway = "127.0.1." + i + ":25";
      stage.policies.put("d" + i + ".com", options.build());
    }
    var recipients = new String[9];
    for (int i = 0; i < 9; i++) {
      recipients[i] = "user@d" + i + ".com";
    }
    stage.domains.enqueue(stage.messages(recipients));
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(9);
    assertThat(stage.method.opened).hasSize(9);
  }

  @Test
  void schedulerOfANameIsTheSameInEveryRun() {
    int[] perTarget = new int[4];
    for (int i = 0; i < 4000; i++) {
      perTarget[new RoutingName("domain" + i + ".example", RoutingName.NO_PORT).spread(4)]++;
    }
    assertThat(Arrays.stream(perTarget).boxed()).allMatch(count -> count > 800 && count < 1200);
    assertThat(new RoutingName("example.com", RoutingName.NO_PORT).spread(64)).isEqualTo(25);
  }
}
