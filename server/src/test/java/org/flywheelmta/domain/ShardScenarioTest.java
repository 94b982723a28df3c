package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Message;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A pool of four schedulers that delivers through three gateways with limits from 1 to 9, from a
 * seed: mail that comes when it likes, connections and sessions that fail, sessions that do not
 * leave, limits that change, and a limit of the server that is smaller than their sum.
 */
class ShardScenarioTest {
  private static final int SEEDS = 60;
  private static final int POOL = 4;
  private static final int GATEWAYS = 3;
  private static final int STEPS = 400;
  private static final Duration STEP = Duration.ofMillis(50);
  // A connection, a quantum that begins just before the claim, the batch after it, a goodbye.
  private static final long TURN_NANOS = 2_150_000_000L;

  @Test
  void limitsHoldAfterEachStepAndNoShardStarves() {
    var one = Long.getLong("flywheel.seed");
    long first = one == null ? 1 : one;
    long last = one == null ? SEEDS : one;
    var counts = new HashMap<String, Integer>();
    for (long seed = first; seed <= last; seed++) {
      try {
        new Run(seed, counts).play();
      } catch (Throwable failure) {
        throw new AssertionError(
            "seed "
                + seed
                + "; replay with: mvn test -pl server -Dtest=ShardScenarioTest"
                + " -DargLine=-Dflywheel.seed="
                + seed,
            failure);
      }
    }
    if (one == null) {
      assertThat(counts).containsOnlyKeys("refused", "failed", "clung", "changed", "waited");
      assertThat(counts.values()).allMatch(count -> count > SEEDS);
    }
  }

  private static final class Run {
    private final SplittableRandom random;
    private final DomainStage stage;
    private final Map<String, Integer> counts;
    private final IdentityHashMap<DomainRecord, Long> waiting = new IdentityHashMap<>();
    private final int serverLimit;
    private final Duration patience;
    private int nameLimit;
    private int bad;

    Run(long seed, Map<String, Integer> counts) {
      this.random = new SplittableRandom(seed);
      this.counts = counts;
      this.nameLimit = random.nextInt(1, 10);
      this.serverLimit = random.nextInt(1, GATEWAYS * nameLimit + 2);
      this.stage = new DomainStage(POOL, seed, DomainStage.limits(1000, serverLimit));
      stage.method.limit = serverLimit;
      stage.method.limitPerTarget = nameLimit;
      stage.method.connect = this::connect;
      stage.method.reply = this::reply;
      stage.method.replyNanos = 20_000_000;
      stage.method.looksAhead = seed % 2 == 0;
      patience = Duration.ofMillis((seed % 2 == 0 ? 1 : 0) * 100L);
      stage.method.idleNanos = random.nextLong(100_000_000, 10_000_000_000L);
      for (int i = 0; i < GATEWAYS; i++) {
        var options = DomainStage.policy();
        options.gateway = "127.0.0.1:" + (2600 + i);
        options.retry = Duration.ofSeconds(5);
        stage.policies.put("d" + i + ".com", options.build());
      }
      setLimit();
    }

    private void count(String what) {
      counts.merge(what, 1, Integer::sum);
    }

    private void setLimit() {
      var options = DomainStage.policy();
      options.connections = nameLimit;
      options.retry = Duration.ofSeconds(5);
      options.patience = patience;
      stage.gateway(options);
    }

    void play() {
      for (int i = 0; i < STEPS; i++) {
        step();
        stage.advance(STEP);
        stage.checkPlaces();
        checkWaits();
      }
      bad = 0;
      stage.method.clings = false;
      for (int i = 0; i < 300 && !isAllDone(); i++) {
        stage.advance(Duration.ofSeconds(2));
        stage.checkPlaces();
      }
      assertThat(isAllDone()).isTrue();
      assertThat(stage.events.count(MailEvent.Type.DELIVERY)).isEqualTo(stage.made.size());
      stage.advance(Duration.ofSeconds(30));
      assertThat(stage.domains.connections.taken()).isZero();
      assertThat(stage.domains.connections.waiting()).isZero();
      stage.stop();
    }

    private boolean isAllDone() {
      return stage.isAllDone();
    }

    private void step() {
      switch (random.nextInt(24)) {
        case 0, 1, 2, 3, 4 -> send(random.nextInt(1, 8));
        case 5 -> send(60);
        case 6 -> changeLimit();
        case 7 -> bad = random.nextInt(3) * 15;
        case 8 -> stage.method.clings = !stage.method.clings;
        default -> {}
      }
    }

    private void send(int count) {
      int gateway = random.nextInt(GATEWAYS);
      for (int i = 0; i < count; i++) {
        stage.domains.enqueue(stage.messages("user@d" + gateway + ".com"));
      }
    }

    private void changeLimit() {
      count("changed");
      int before = nameLimit;
      nameLimit = random.nextInt(1, 10);
      setLimit();
      stage.method.limitPerTarget = Math.max(before, nameLimit);
      stage.domains.onPolicyChange();
      stage.schedulers.run();
      stage.method.limitPerTarget = nameLimit;
    }

    /** Nobody that waits for a first connection does so for longer than the turns of all others. */
    private void checkWaits() {
      long now = stage.schedulers.nanoTime();
      if (stage.method.clings) {
        count("clung");
      }
      stage.forEachRecord(
          record -> {
            if (record.sessions() > 0 || !record.waitsForConnection()) {
              waiting.remove(record);
              return;
            }
            count("waited");
            long since = now - waiting.computeIfAbsent(record, _ -> now);
            int turns = GATEWAYS * POOL;
            assertThat(since).isLessThan(turns * TURN_NANOS);
          });
    }

    private @Nullable Outcome connect() {
      if (random.nextInt(100) >= bad) {
        return null;
      }
      count("refused");
      return new Outcome.TransientFailure(new Reply("connect", 0, "4.4.1", "no"), Scope.DOMAIN);
    }

    private Outcome reply(Message message) {
      if (random.nextInt(100) >= bad) {
        return new Outcome.Delivered(ScriptedMethod.FINE);
      }
      count("failed");
      var reply = new Reply("rcpt", 450, "4.2.1", "later");
      return switch (random.nextInt(4)) {
        case 0 -> new Outcome.TransientFailure(reply, Scope.SESSION);
        case 1 -> new Outcome.Unknown(reply);
        default -> new Outcome.TransientFailure(reply, Scope.MESSAGE);
      };
    }
  }
}
