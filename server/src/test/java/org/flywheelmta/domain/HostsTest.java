package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mail for domains with several hosts, some of which fail. */
class HostsTest {
  private static final Outcome REFUSED =
      new Outcome.TransientFailure(
          new Reply("connect", 0, "4.4.1", "connection refused"), Scope.DOMAIN);
  private static final Outcome GO_AWAY =
      new Outcome.TransientFailure(new Reply("mail", 421, "4.7.0", "go away"), Scope.SESSION);

  private final DomainStage stage = new DomainStage();
  private final Set<String> dead = new HashSet<>();

  HostsTest() {
    stage.method.connectTo = target -> dead.contains(target.host()) ? REFUSED : null;
  }

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private DomainStage.Options domain(String name, String hosts) {
    return domain(name, hosts, 10);
  }

  private DomainStage.Options domain(String name, String hosts, int mxFailures) {
    var options = DomainStage.policy();
    options.gateway = null;
    options.mxFailures = mxFailures;
    stage.hosts.put(name, hosts);
    stage.policies.put(name, options.build());
    return options;
  }

  private List<String> opened() {
    return stage.method.opened.stream().map(DeliveryTarget::host).toList();
  }

  @Test
  void secondPreferenceGetsItWhereTheFirstRefuses() {
    domain("a.com", "192.0.2.1 192.0.2.2");
    dead.add("192.0.2.1");
    stage.send("x@a.com");
    stage.advance(Duration.ofMillis(100));
    assertThat(opened()).containsExactly("192.0.2.1", "192.0.2.2");
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isZero();
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void messagesCountAnAttemptWhenEachHostHadItsTurn() {
    domain("a.com", "192.0.2.1 192.0.2.2 192.0.2.3");
    dead.addAll(List.of("192.0.2.1", "192.0.2.2", "192.0.2.3"));
    for (int i = 0; i < 20; i++) {
      stage.send("x" + i + "@a.com");
    }
    stage.advance(Duration.ofMillis(900));
    assertThat(opened()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(20);
  }

  @Test
  void slowlyFailingHostsComeToAnEndThoughTheirPauseIsOverBefore() {
    domain("a.com", "192.0.2.1 192.0.2.2");
    dead.addAll(List.of("192.0.2.1", "192.0.2.2"));
    stage.method.connectNanos = Duration.ofMinutes(5).toNanos();
    stage.send("x@a.com");
    stage.advance(Duration.ofMinutes(11));
    assertThat(opened()).hasSize(2);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(1);
  }

  @Test
  void firstHostIsUsedAgainWhenItsPauseIsOver() {
    domain("a.com", "192.0.2.1 192.0.2.2");
    dead.add("192.0.2.1");
    stage.send("x@a.com");
    stage.advance(Duration.ofSeconds(10));
    dead.clear();
    stage.send("y@a.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(opened()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.1");
  }

  @Test
  void hostThatGreetsAndBringsNothingThroughIsLeftForTheNext() {
    domain("a.com", "192.0.2.1 192.0.2.2");
    stage.method.replyFrom =
        (target, message) ->
            target.host().equals("192.0.2.1")
                ? GO_AWAY
                : new Outcome.Delivered(ScriptedMethod.FINE);
    stage.send("x@a.com");
    stage.send("y@a.com");
    stage.advance(Duration.ofMillis(100));
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(1);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
    assertThat(opened()).containsExactly("192.0.2.1", "192.0.2.2");
  }

  @Test
  void betterHostThatTakesMailIsNotLeftBecauseItCapsConnections() {
    domain("a.com", "192.0.2.1 192.0.2.2");
    int[] opens = new int[1];
    stage.method.connectTo = target -> opens[0]++ == 0 ? null : REFUSED;
    for (int i = 0; i < 200; i++) {
      stage.send("x" + i + "@a.com");
    }
    stage.advance(Duration.ofSeconds(5));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(200);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isZero();
    assertThat(opened()).doesNotContain("192.0.2.2");
  }

  @Test
  void betterHostThatCappedConnectionsGetsTheNextOneToo() {
    domain("a.com", "192.0.2.1 192.0.2.2");
    int[] opens = new int[1];
    stage.method.connectTo = target -> opens[0]++ == 1 ? REFUSED : null;
    stage.method.replyNanos = Duration.ofMillis(500).toNanos();
    stage.method.batchesPerSession = 10;
    for (int i = 0; i < 200; i++) {
      stage.send("x" + i + "@a.com");
    }
    stage.advance(Duration.ofMinutes(5));
    assertThat(opened()).hasSizeGreaterThan(10).doesNotContain("192.0.2.2");
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(200);
  }

  @Test
  void failureWhileNothingWaitedIsNoTurn() {
    domain("a.com", "192.0.2.1");
    var options = domain("b.com", "192.0.2.1");
    dead.add("192.0.2.1");
    stage.send("x@a.com");
    stage.advance(Duration.ofMillis(100));
    stage.send("x@b.com");
    stage.advance(Duration.ofMillis(100));
    options.blackhole = true;
    stage.policies.put("b.com", options.build());
    stage.domains.onPolicyChange();
    stage.advance(Duration.ofMillis(100));
    assertThat(stage.events.count(MailEvent.Type.DISCARD)).isEqualTo(1);
    options.blackhole = false;
    stage.policies.put("b.com", options.build());
    stage.domains.onPolicyChange();
    stage.advance(Duration.ofSeconds(1));
    stage.send("y@a.com");
    stage.advance(Duration.ofMillis(100));
    assertThat(stage.method.opened).as("the host fails for the other domain").hasSize(2);
    stage.send("y@b.com");
    stage.advance(Duration.ofMillis(100));
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).as("of a.com alone").isEqualTo(2);
  }

  @Test
  void hostsThatDomainsShareAreFoundDeadOnce() {
    domain("a.com", "192.0.2.1 192.0.2.2");
    domain("b.com", "192.0.2.1 192.0.2.2");
    dead.add("192.0.2.1");
    stage.send("x@a.com");
    stage.advance(Duration.ofMillis(100));
    stage.send("x@b.com");
    stage.advance(Duration.ofMillis(100));
    assertThat(opened()).containsExactly("192.0.2.1", "192.0.2.2");
    assertThat(stage.method.adopted).isEqualTo(1);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(2);
  }

  @Test
  void thousandDomainsOfOneHostShareItsIdleConnections() {
    for (int i = 0; i < 1000; i++) {
      domain("d" + i + ".com", "192.0.2.1");
      stage.send("x@d" + i + ".com");
      stage.advance(Duration.ofMillis(10));
    }
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1000);
    assertThat(opened()).hasSize(1);
    assertThat(stage.method.adopted).isEqualTo(999);
  }

  @Test
  void sessionOfOtherOptionsIsNotTakenOver() {
    domain("a.com", "192.0.2.1");
    domain("b.com", "192.0.2.1");
    stage.method.adopts = false;
    stage.send("x@a.com");
    stage.advance(Duration.ofMillis(100));
    stage.send("x@b.com");
    stage.advance(Duration.ofMillis(100));
    assertThat(opened()).hasSize(2);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(2);
  }

  @Test
  void routeThatHasCeasedToCountWhenItIsFoundIsUsedAllTheSame() {
    stage.routeNanos = 0;
    stage.searchTime = Duration.ofMillis(100);
    domain("a.com", "192.0.2.1");
    stage.send("x@a.com");
    stage.advance(Duration.ofSeconds(3));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
    assertThat(stage.searches).isEqualTo(1);
    stage.advance(Duration.ofMinutes(1));
    stage.send("y@a.com");
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(2);
    assertThat(stage.searches).isEqualTo(2);
  }

  @Test
  void hostBehindOnesThatAreAlwaysDeadHasItsTurnThoughFewFailuresDelay() {
    domain("a.com", "192.0.2.1 192.0.2.2 192.0.2.3", 1);
    dead.addAll(List.of("192.0.2.1", "192.0.2.2"));
    // Each attempt finds the route anew.
    stage.routeNanos = Duration.ofMinutes(1).toNanos();
    stage.send("x@a.com");
    stage.advance(Duration.ofHours(2));
    assertThat(opened()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(2);
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(1);
  }

  @Test
  void oneAtATimeTriesAHostThatFailed() {
    for (int i = 0; i < 50; i++) {
      domain("d" + i + ".com", "192.0.2.1");
    }
    dead.add("192.0.2.1");
    stage.send("x@d0.com");
    stage.advance(Duration.ofMillis(100));
    stage.method.connectNanos = Duration.ofMillis(500).toNanos();
    for (int i = 1; i < 50; i++) {
      stage.send("x@d" + i + ".com");
    }
    stage.advance(Duration.ofMillis(1300));
    assertThat(stage.method.opened).hasSize(2);
    stage.advance(Duration.ofSeconds(3));
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).as("one failure for all").isEqualTo(50);
    dead.clear();
    stage.advance(Duration.ofMinutes(25));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(50);
  }

  @Test
  void hundredsOfDomainsBehindOneDeadHostExpireInTime() {
    for (int i = 0; i < 300; i++) {
      var options = domain("d" + i + ".com", "192.0.2.1");
      options.expiration = Duration.ofHours(2);
      stage.policies.put("d" + i + ".com", options.build());
      stage.send("x@d" + i + ".com");
    }
    dead.add("192.0.2.1");
    stage.advance(Duration.ofHours(3));
    assertThat(stage.events.count(MailEvent.Type.EXPIRY)).isEqualTo(300);
    assertThat(stage.method.opened).hasSizeLessThan(600);
  }

  @Test
  void routeThatLosesTheHostsThatHadNoTurnBeginsAnew() {
    var options = domain("a.com", "192.0.2.1 192.0.2.2");
    dead.addAll(List.of("192.0.2.1", "192.0.2.2"));
    stage.routeNanos = 2_000_000_000L;
    options.mxFailures = 1;
    stage.policies.put("a.com", options.build());
    stage.send("x@a.com");
    stage.advance(Duration.ofSeconds(10));
    stage.hosts.put("a.com", "192.0.2.1");
    stage.send("y@a.com");
    stage.advance(Duration.ofMinutes(5));
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isGreaterThanOrEqualTo(2);
    dead.clear();
    stage.advance(Duration.ofMinutes(50));
    assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(2);
  }
}
