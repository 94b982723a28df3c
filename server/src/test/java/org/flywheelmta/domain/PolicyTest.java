package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.ToLongFunction;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Message;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PolicyTest {
  private DomainStage stage = new DomainStage(2, 3, DomainStage.limits(10_000, 20_000));

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private long sum(ToLongFunction<QueueTotals> count) {
    return stage.domains.totals().stream().mapToLong(count).sum();
  }

  private int armedEvents() {
    int armed = 0;
    for (int i = 0; i < stage.schedulers.all().size(); i++) {
      var scheduler = stage.schedulers.all().get(i);
      var count = new int[1];
      stage.schedulers.on(i, () -> count[0] = scheduler.armedEvents());
      armed += count[0];
    }
    return armed;
  }

  @Test
  void gatewayQueuesMailOfManyDomainsUnderItsOwnLimits() {
    var gateway = DomainStage.policy();
    gateway.connections = 1;
    stage.gateway(gateway);
    stage.method.hangs = true;
    stage.send("a@one.com");
    stage.send("b@two.com");
    stage.advance(Duration.ofMillis(100));
    assertThat(sum(QueueTotals::active)).isEqualTo(1);
    assertThat(sum(QueueTotals::delivering)).isEqualTo(1);
    assertThat(stage.method.opened).hasSize(1);
    assertThat(stage.method.opened.getFirst().domain()).isEqualTo("127.0.0.1");
    assertThat(stage.method.opened.getFirst().address().getPort()).isEqualTo(2600);
    stage.method.hangs = false;
    for (var session : List.copyOf(stage.method.sessions)) {
      int owner = RoutingName.of("x", gateway.build()).spread(2);
      stage.schedulers.on(owner, session::answer);
    }
    stage.advance(Duration.ofSeconds(1));
  }

  @Test
  void spellingsOfADomainShareItsPolicy() {
    var options = DomainStage.policy();
    options.suspend = true;
    stage.policies.put("xn--bcher-kva.com", options.build());
    stage.send("a@b\u00fccher.com");
    stage.send("\u00fc@B\u00dcCHER.com");
    stage.send("a@xn--bcher-kva.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(sum(QueueTotals::active)).isEqualTo(3);
    assertThat(stage.method.opened).isEmpty();
  }

  @Test
  void lifeOfAMessageIsThatOfItsOwnDomain() {
    var options = DomainStage.policy();
    options.expiration = Duration.ofMinutes(10);
    stage.policies.put("short.com", options.build());
    var busy = new Reply("rcpt", 450, "4.2.1", "later");
    stage.method.reply = message -> new Outcome.TransientFailure(busy, Outcome.Scope.MESSAGE);
    var brief = stage.send("a@short.com");
    var patient = stage.send("a@long.com");
    stage.advance(Duration.ofMinutes(11));
    assertThat(stage.isDone(brief)).isTrue();
    assertThat(stage.isDone(patient)).isFalse();
  }

  @Test
  void blackholeDiscardsAtOnce() {
    var options = DomainStage.policy();
    options.blackhole = true;
    stage.policies.put("hole.com", options.build());
    var messages = new String[2500];
    for (int i = 0; i < messages.length; i++) {
      messages[i] = "user" + i + "@hole.com";
    }
    stage.domains.enqueue(stage.messages(messages));
    stage.schedulers.run();
    assertThat(stage.method.opened).isEmpty();
    assertThat(stage.events.count(MailEvent.Type.DISCARD)).isEqualTo(2500);
    assertThat(stage.spool.outcomes).allMatch(entry -> entry.outcome().kind() == Kind.DISCARDED);
  }

  @Test
  void suspendedDomainWaitsUnderItsOwnNameAndGoesOnWhenItMay() {
    var options = DomainStage.policy();
    options.suspend = true;
    stage.policies.put("still.com", options.build());
    var message = stage.send("a@still.com");
    stage.advance(Duration.ofHours(3));
    assertThat(stage.method.opened).isEmpty();
    assertThat(message.refCnt()).as("a stub").isZero();
    assertThat(sum(QueueTotals::active)).isEqualTo(1);
    options.suspend = false;
    stage.policies.put("still.com", options.build());
    stage.domains.onPolicyChange();
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void suspendedMessageIsGivenUpInTimeThoughItWasNeverTried() {
    var options = DomainStage.policy();
    options.suspend = true;
    options.expiration = Duration.ofHours(1);
    stage.policies.put("still.com", options.build());
    var message = stage.send("a@still.com");
    stage.advance(Duration.ofMinutes(59));
    assertThat(stage.isDone(message)).isFalse();
    stage.advance(Duration.ofMinutes(2));
    assertThat(stage.isDone(message)).isTrue();
    assertThat(stage.events.count(MailEvent.Type.EXPIRY)).isEqualTo(1);
  }

  @Test
  void domainThatIsSuspendedLaterLeavesTheGatewaysQueue() {
    var gateway = DomainStage.policy();
    gateway.connections = 1;
    stage.gateway(gateway);
    stage.method.replyNanos = 1_000_000_000;
    stage.send("a@one.com");
    stage.send("b@two.com");
    stage.send("c@three.com");
    stage.advance(Duration.ofMillis(100));
    var options = DomainStage.policy();
    options.suspend = true;
    stage.policies.put("two.com", options.build());
    options.suspend = false;
    options.blackhole = true;
    stage.policies.put("three.com", options.build());
    stage.domains.onPolicyChange();
    stage.advance(Duration.ofSeconds(10));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
    assertThat(stage.events.count(MailEvent.Type.DISCARD)).isEqualTo(1);
    assertThat(stage.isDone(stage.made.get(1))).isFalse();
  }

  @Test
  void suspendedGatewayLetsItsSessionsFinish() {
    stage.method.replyNanos = 100_000_000;
    for (int i = 0; i < 100; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.open).isEqualTo(4);
    var options = DomainStage.policy();
    options.suspend = true;
    stage.gateway(options);
    stage.domains.onPolicyChange();
    stage.advance(Duration.ofMillis(500));
    assertThat(stage.method.open).isZero();
    assertThat(stage.domains.totals().stream().mapToLong(QueueTotals::active).sum()).isPositive();
  }

  @Test
  void lowerLimitRetiresSurplusSessions() {
    stage.method.replyNanos = 100_000_000;
    for (int i = 0; i < 200; i++) {
      stage.send("user" + i + "@example.com");
    }
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.open).isEqualTo(4);
    var options = DomainStage.policy();
    options.connections = 2;
    stage.gateway(options);
    stage.domains.onPolicyChange();
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.method.open).isEqualTo(2);
  }

  @Test
  void domainWithoutAGatewayHasNoRouteYet() {
    var options = DomainStage.policy();
    options.gateway = null;
    stage.policies.put("direct.com", options.build());
    var message = stage.send("a@direct.com");
    stage.advance(Duration.ofSeconds(1));
    var event = stage.events.events.getFirst();
    assertThat(event.type()).isEqualTo(MailEvent.Type.TEMPFAIL);
    assertThat(event.reply().stage()).isEqualTo("route");
    assertThat(event.reply().enhanced()).isEqualTo("4.4.4");
    assertThat(stage.attempts(message)).isEqualTo(1);
    assertThat(event.where().domain()).isEqualTo("direct.com");
    assertThat(sum(QueueTotals::delayed)).isEqualTo(1);
  }

  @Test
  void gatewaysAreNamedWithTheirPort() {
    var options = DomainStage.policy();
    options.gateway = "Relay.Example.NET:25";
    var name = RoutingName.of("x.com", options.build());
    assertThat(name).isEqualTo(new RoutingName("relay.example.net", 25));
    assertThat(name).hasToString("relay.example.net:25");
    options.gateway = "[2001:db8::1]:2525";
    var six = RoutingName.of("x.com", options.build());
    assertThat(six.host()).isEqualTo("2001:db8::1");
    assertThat(six).hasToString("[2001:db8::1]:2525");
    options.gateway = null;
    assertThat(RoutingName.of("x.com", options.build())).hasToString("x.com");
  }

  @Test
  void recordThatNobodyUsesLeaves() {
    stage.send("a@example.com");
    stage.advance(Duration.ofMinutes(5));
    assertThat(armedEvents()).isPositive();
    stage.advance(Duration.ofMinutes(6));
    assertThat(armedEvents()).isZero();
    Message again = stage.send("a@example.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.isDone(again)).isTrue();
  }
}
