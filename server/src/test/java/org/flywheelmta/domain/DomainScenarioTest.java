package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.base.Admission.Level;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Everything at once, from a seed: mail, recovery, hosts that come and go, configuration that
 * changes, clocks that step, logs without room. After each step every message is in one place.
 */
class DomainScenarioTest {
  private static final int SEEDS = 200;
  private static final int STEPS = 40;
  private static final int DOMAINS = 5;

  @Test
  void everyMessageIsInOnePlaceAndComesToAnEnd() {
    var one = Long.getLong("flywheel.seed");
    long first = one == null ? 1 : one;
    long last = one == null ? SEEDS : one;
    for (long seed = first; seed <= last; seed++) {
      try {
        new Run(seed).play();
      } catch (Throwable failure) {
        throw new AssertionError(
            "seed "
                + seed
                + "; replay with: mvn test -pl server -Dtest=DomainScenarioTest"
                + " -DargLine=-Dflywheel.seed="
                + seed,
            failure);
      }
    }
  }

  @Test
  void referenceTooManyIsNoticed() {
    var stage = new DomainStage();
    stage.method.hangs = true;
    var message = stage.send("a@x.com");
    stage.advance(Duration.ofSeconds(1));
    stage.checkPlaces();
    message.retain();
    assertThatThrownBy(stage::checkPlaces).isInstanceOf(AssertionError.class);
    assertThatThrownBy(stage::stop).isInstanceOf(AssertionError.class);
    message.release();
  }

  @Test
  void connectionTooManyIsNoticed() {
    var stage = new DomainStage();
    stage.method.limit = 0;
    stage.send("a@x.com");
    assertThatThrownBy(stage.schedulers::run).isInstanceOf(AssertionError.class);
  }

  private static final class Run {
    private final SplittableRandom random;
    private final DomainStage stage;
    private final List<Message> offered = new ArrayList<>();
    private int badHosts;

    Run(long seed) {
      random = new SplittableRandom(seed);
      stage = new DomainStage(3, seed, DomainStage.limits(20, 6));
      stage.method.limit = 6;
      stage.method.limitPerTarget = 4;
      stage.method.connect = this::connect;
      stage.method.reply = this::reply;
      stage.method.idleNanos = 300_000_000;
      stage.method.looksAhead = seed % 2 == 0;
      stage.method.comesBack = message -> random.nextInt(8) == 0;
      stage.method.orderly = seed % 4 == 0;
    }

    void play() {
      for (int i = 0; i < STEPS; i++) {
        step();
        stage.checkPlaces();
      }
      heal();
      for (int i = 0; i < 16 * 6 && !isAllDone(); i++) {
        stage.advance(Duration.ofMinutes(10));
      }
      stage.checkPlaces();
      assertThat(stage.made).allMatch(stage::isDone);
      long ends =
          stage.events.count(MailEvent.Type.DELIVERY)
              + stage.events.count(MailEvent.Type.BOUNCE)
              + stage.events.count(MailEvent.Type.EXPIRY)
              + stage.events.count(MailEvent.Type.DISCARD);
      assertThat(ends).isEqualTo(stage.made.size());
      assertThat(stage.spool.outcomes.stream().filter(entry -> entry.outcome().kind().isFinal()))
          .hasSize(stage.made.size());
      stage.stop();
    }

    private boolean isAllDone() {
      return stage.isAllDone();
    }

    private void step() {
      switch (random.nextInt(13)) {
        case 0, 1, 2 -> send();
        case 3 -> recover();
        case 4, 5 -> stage.advance(Duration.ofMillis(random.nextInt(1, 50)));
        case 6, 7 -> stage.advance(Duration.ofMillis(random.nextInt(1, 5000)));
        case 8 -> stage.advance(Duration.ofMinutes(random.nextInt(1, 12)));
        case 9 -> badHosts = random.nextInt(4) * 30;
        case 10 -> configure();
        case 11 -> stage.schedulers.stepWall(random.nextLong(-1_000_000_000L, 1_000_000_000L));
        default -> trouble();
      }
    }

    private String recipient() {
      return "user@d" + random.nextInt(DOMAINS) + ".com";
    }

    private void send() {
      var recipients = new String[random.nextInt(1, 12)];
      for (int i = 0; i < recipients.length; i++) {
        recipients[i] = recipient();
      }
      stage.domains.enqueue(stage.messages(recipients));
    }

    private void recover() {
      if (offered.isEmpty()) {
        for (int i = 0; i < random.nextInt(1, 25); i++) {
          var message = stage.message(stage.transaction(1, Fields.NONE), 0, recipient(), null);
          message.schedule(
              random.nextInt(3), stage.schedulers.wallMicros() + random.nextInt(9_000_000));
          offered.add(message);
        }
      }
      boolean taken = stage.recover(offered);
      if (taken) {
        offered.clear();
      }
      stage.kept = offered.size();
    }

    private void configure() {
      var options = DomainStage.policy();
      int kind = random.nextInt(6);
      options.suspend = kind == 0;
      options.blackhole = kind == 1;
      options.gateway = kind == 2 ? null : "127.0.0." + random.nextInt(1, 4) + ":25";
      options.patience = Duration.ofMillis(random.nextInt(2) * 50L);
      options.recipients = random.nextInt(1, 5);
      options.expiration = Duration.ofMinutes(random.nextInt(1, 500));
      options.retry = Duration.ofSeconds(random.nextInt(1, 2000));
      stage.policies.put("d" + random.nextInt(DOMAINS) + ".com", options.build());
      stage.domains.onPolicyChange();
    }

    private void trouble() {
      stage.events.room = random.nextBoolean() ? stage.events.reserved() + 1 : 1000;
      stage.spool.level = random.nextBoolean() ? Level.PAUSED : Level.OPEN;
      stage.spool.contentIsShort = random.nextBoolean();
    }

    private void heal() {
      badHosts = 0;
      stage.events.room = Integer.MAX_VALUE;
      stage.spool.level = Level.OPEN;
      stage.spool.contentIsShort = false;
      stage.policies.clear();
      stage.domains.onPolicyChange();
      stage.schedulers.run();
      while (!offered.isEmpty()) {
        recover();
        stage.schedulers.run();
      }
    }

    private @Nullable Outcome connect() {
      return random.nextInt(100) < badHosts
          ? new Outcome.TransientFailure(new Reply("connect", 0, "4.4.1", "refused"), Scope.DOMAIN)
          : null;
    }

    private Outcome reply(Message message) {
      var reply = new Reply("rcpt", 450, "4.2.1", "later");
      int roll = random.nextInt(100);
      if (roll >= badHosts) {
        return new Outcome.Delivered(ScriptedMethod.FINE);
      }
      return switch (roll % 6) {
        case 0 -> new Outcome.TransientFailure(reply, Scope.SESSION);
        case 1 -> new Outcome.TransientFailure(reply, Scope.DOMAIN);
        case 2 -> new Outcome.Unknown(reply);
        case 3 -> new Outcome.PermanentFailure(reply);
        default -> new Outcome.TransientFailure(reply, Scope.MESSAGE);
      };
    }
  }
}
