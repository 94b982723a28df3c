package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.config.Configured;
import org.flywheelmta.config.Schema;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.ManualSchedulers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A record that is spread over schedulers. */
class ShardTest {
  private static final int POOL = 4;
  private static final Outcome REFUSED =
      new Outcome.TransientFailure(new Reply("connect", 0, "4.4.1", "refused"), Scope.DOMAIN);

  private DomainStage stage = new DomainStage(POOL, 11, DomainStage.limits(10_000, 20_000));

  @AfterEach
  void nothingIsLeft() {
    stage.checkPlaces();
    stage.stop();
  }

  private void connections(int most) {
    var options = DomainStage.policy();
    options.connections = most;
    stage.gateway(options);
  }

  private int target(Message message) {
    var domain = message.recipient().domain();
    var id = message.transaction().id();
    return stage.domains.destinations.of(domain).target(id.low());
  }

  /** Sends mail that goes to one shard. */
  private void sendTo(int shard, int count) {
    for (int sent = 0; sent < count; ) {
      var messages = stage.messages("user@example.com");
      if (target(messages.getFirst()) == shard) {
        stage.domains.enqueue(messages);
        sent++;
      } else {
        messages.forEach(Message::release);
        stage.made.removeAll(messages);
      }
    }
  }

  private long deliveries() {
    return stage.events.count(MailEvent.Type.DELIVERY);
  }

  /** The shards that have a session. */
  private List<Integer> holders() {
    var holders = new ArrayList<Integer>();
    for (int i = 0; i < POOL; i++) {
      if (stage.domains.totals().get(i).sessions() > 0) {
        holders.add(i);
      }
    }
    return holders;
  }

  private List<DomainRecord> recordsNow() {
    var records = new ArrayList<DomainRecord>();
    stage.forEachRecord(records::add);
    return records;
  }

  @Test
  void mailOfAGatewayStaysOnTheSchedulerThatTookItIn() {
    connections(100);
    for (int i = 0; i < POOL; i++) {
      var scheduler = stage.domains.tables().get(i).scheduler;
      var id = TransactionId.of(1, i * 77L, i * 99L);
      var home = stage.domains.home(id, scheduler);
      assertThat(stage.domains.destinations.of("example.com").target(home.low())).isEqualTo(i);
    }
    var elsewhere = new ManualSchedulers(1, 3).all().getFirst();
    var id = TransactionId.of(1, 2, 3);
    assertThat(stage.domains.home(id, elsewhere)).isEqualTo(id);
  }

  @Test
  void mailOfAGatewayIsSpreadEvenlyAndSiblingsStayTogether() {
    connections(100);
    stage.method.hangs = true;
    int[] perShard = new int[POOL];
    for (int i = 0; i < 400; i++) {
      var messages = stage.messages("a@x" + i + ".com", "b@y.com", "c@z.com");
      perShard[target(messages.getFirst())]++;
      assertThat(messages).allMatch(message -> target(message) == target(messages.getFirst()));
      stage.domains.enqueue(messages);
    }
    assertThat(perShard)
        .satisfies(
            counts -> {
              for (int count : counts) {
                assertThat(count).isBetween(60, 140);
              }
            });
    stage.advance(Duration.ofMillis(100));
    for (int i = 0; i < POOL; i++) {
      var totals = stage.domains.totals().get(i);
      assertThat(totals.active() + totals.delivering()).isEqualTo(3L * perShard[i]);
    }
    assertThat(stage.method.batches).allMatch(batch -> batch.messages().size() == 3);
    stage.method.hangs = false;
    for (var session : List.copyOf(stage.method.sessions)) {
      stage.schedulers.on(session.owner(), session::answer);
    }
    stage.advance(Duration.ofSeconds(10));
    assertThat(deliveries()).isEqualTo(1200);
  }

  @Test
  void recordIsShardedWhenItIsAGatewaysOrHotAndOthersDoNotAllLiveOnOneScheduler() {
    var direct = DomainStage.policy();
    direct.gateway = null;
    stage.policies.put("hot.com", direct.build());
    stage.policies.put("cold.com", direct.build());
    var destinations = stage.domains.destinations;
    assertThat(destinations.of("hot.com").sharded()).isTrue();
    assertThat(destinations.of("cold.com").sharded()).isFalse();
    var homes = new HashSet<Integer>();
    for (int i = 0; i < 20; i++) {
      stage.policies.put("d" + i + ".com", direct.build());
      homes.add(destinations.of("d" + i + ".com").target(i));
      var options = DomainStage.policy();
      options.gateway = "127.0.0." + (i + 1) + ":25";
      stage.policies.put("g" + i + ".com", options.build());
      assertThat(destinations.of("g" + i + ".com").sharded()).isTrue();
    }
    assertThat(homes).hasSize(POOL);
  }

  @Test
  void hotDomainsAreReadInAnyCase() {
    var schema = Schema.builder();
    DomainOptions.declare(schema);
    var generation =
        Configured.by(schema.build(), "hot_domains = ( \"Big.Example\" small.example )");
    assertThat(DomainOptions.limits(generation.global()).hotDomains())
        .containsExactlyInAnyOrder("big.example", "small.example");
  }

  @Test
  void oneConnectionPassesFromShardToShardWhileAllHaveMail() {
    connections(1);
    stage.method.limitPerTarget = 1;
    stage.method.replyNanos = 10_000_000;
    for (int shard = 0; shard < POOL; shard++) {
      sendTo(shard, 400);
    }
    var seen = new ArrayList<Integer>();
    for (int i = 0; i < 80; i++) {
      stage.advance(Duration.ofMillis(100));
      stage.checkPlaces();
      for (int holder : holders()) {
        if (seen.isEmpty() || seen.getLast() != holder) {
          seen.add(holder);
        }
      }
    }
    // About a second each, in turn.
    assertThat(seen).hasSizeBetween(7, 9);
    assertThat(seen.subList(0, POOL)).doesNotHaveDuplicates();
    assertThat(seen.subList(POOL, 7)).isEqualTo(seen.subList(0, 7 - POOL));
    stage.advance(Duration.ofSeconds(20));
    assertThat(deliveries()).isEqualTo(1600);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isZero();
  }

  @Test
  void idleSessionLeavesAtOnceForAnotherShard() {
    connections(1);
    stage.method.limitPerTarget = 1;
    sendTo(0, 1);
    stage.advance(Duration.ofMillis(100));
    assertThat(holders()).containsExactly(0);
    sendTo(1, 1);
    stage.advance(Duration.ofMillis(100));
    assertThat(holders()).containsExactly(1);
    assertThat(deliveries()).isEqualTo(2);
  }

  @Test
  void sessionThatDoesNotLeaveWithinASecondIsAborted() {
    connections(1);
    stage.method.limitPerTarget = 1;
    stage.method.clings = true;
    sendTo(0, 1);
    stage.advance(Duration.ofMillis(100));
    sendTo(1, 1);
    stage.advance(Duration.ofMillis(900));
    assertThat(holders()).containsExactly(0);
    stage.advance(Duration.ofMillis(200));
    assertThat(holders()).containsExactly(1);
    assertThat(deliveries()).isEqualTo(2);
    stage.method.clings = false;
  }

  @Test
  void messageForAShardWhoseSessionIsLeavingOpensAnother() {
    connections(1);
    stage.method.limitPerTarget = 1;
    stage.method.clings = true;
    sendTo(0, 1);
    stage.advance(Duration.ofMillis(100));
    sendTo(1, 1);
    stage.schedulers.run();
    sendTo(0, 1);
    stage.method.clings = false;
    stage.advance(Duration.ofSeconds(3));
    assertThat(deliveries()).isEqualTo(3);
  }

  @Test
  void shardWithLessThanItsShareGetsItFromABusyOne() {
    connections(8);
    stage.method.limitPerTarget = 8;
    stage.method.replyNanos = 20_000_000;
    sendTo(0, 5000);
    stage.advance(Duration.ofSeconds(3));
    assertThat(stage.domains.totals().get(0).sessions()).isEqualTo(8);
    sendTo(1, 2000);
    sendTo(2, 2000);
    stage.advance(Duration.ofSeconds(5));
    assertThat(stage.domains.totals().get(1).sessions()).isGreaterThanOrEqualTo(2);
    assertThat(stage.domains.totals().get(2).sessions()).isGreaterThanOrEqualTo(2);
    int opened = stage.method.opened.size();
    // All have their share: no session ends for another any more.
    stage.advance(Duration.ofSeconds(2));
    assertThat(stage.method.opened).hasSize(opened);
    stage.advance(Duration.ofSeconds(40));
    assertThat(deliveries()).isEqualTo(9000);
  }

  @Test
  void claimIsWithdrawnAsSoonAsNothingIsLeftForAnotherConnection() {
    connections(2);
    stage.method.replyNanos = 100_000_000;
    sendTo(0, 1);
    sendTo(1, 1);
    stage.schedulers.run();
    // Each has a connection, and would like another for what is behind its first message.
    sendTo(0, 2);
    sendTo(1, 2);
    boolean waited = false;
    for (int i = 0; i < 60; i++) {
      stage.advance(Duration.ofMillis(10));
      for (var record : recordsNow()) {
        waited |= record.waitsForConnection();
        assertThat(record.waitsForConnection() && record.active.size() == 0).isFalse();
      }
    }
    assertThat(waited).isTrue();
    assertThat(deliveries()).isEqualTo(6);
  }

  @Test
  void stopPassesATokenOnThatIsUnderWay() {
    connections(1);
    sendTo(0, 1);
    stage.advance(Duration.ofMillis(100));
    stage.schedulers.stall(1, true);
    sendTo(1, 1);
    sendTo(2, 1);
    stage.schedulers.stall(1, false);
    stage.method.clings = true;
    stage.schedulers.run();
    stage.schedulers.stall(1, true);
    stage.method.clings = false;
    var done = new int[1];
    stage.domains.stop(() -> done[0]++);
    stage.advance(Duration.ofSeconds(5));
    assertThat(done[0]).isZero();
    stage.schedulers.stall(1, false);
    stage.advance(Duration.ofSeconds(1));
    assertThat(done[0]).isEqualTo(1);
    assertThat(stage.domains.sharded.size()).isZero();
    stage = new DomainStage();
  }

  @Test
  void idleConnectionsOfAnotherNameLeaveForTheServersLimit() {
    var small = new DomainStage(POOL, 3, DomainStage.limits(10_000, 1));
    small.method.limit = 1;
    for (int i = 0; i < 3; i++) {
      var options = DomainStage.policy();
      options.gateway = "127.0.0." + (i + 1) + ":25";
      small.policies.put("d" + i + ".com", options.build());
      small.send("user@d" + i + ".com");
      small.advance(Duration.ofMillis(100));
      small.checkPlaces();
      assertThat(small.events.count(MailEvent.Type.DELIVERY)).isEqualTo(i + 1);
    }
    small.stop();
  }

  @Test
  void lowerLimitHoldsOverAllShards() {
    connections(8);
    stage.method.replyNanos = 50_000_000;
    for (int shard = 0; shard < POOL; shard++) {
      sendTo(shard, 300);
    }
    stage.advance(Duration.ofSeconds(2));
    assertThat(stage.method.open).isEqualTo(8);
    connections(3);
    stage.domains.onPolicyChange();
    stage.advance(Duration.ofMillis(200));
    assertThat(stage.method.open).isLessThanOrEqualTo(3);
    stage.method.limitPerTarget = 3;
    stage.advance(Duration.ofMinutes(2));
    assertThat(deliveries()).isEqualTo(1200);
  }

  @Test
  void hostThatBearsTwoConnectionsServesEachShard() {
    connections(20);
    stage.method.replyNanos = 10_000_000;
    stage.method.connect = () -> stage.method.ready() >= 2 ? REFUSED : null;
    sendTo(0, 3000);
    stage.advance(Duration.ofSeconds(1));
    for (int shard = 1; shard < POOL; shard++) {
      sendTo(shard, 100);
    }
    stage.advance(Duration.ofSeconds(12));
    for (int shard = 1; shard < POOL; shard++) {
      assertThat(stage.domains.totals().get(shard).active()).isZero();
    }
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).as("attempts lost").isZero();
    stage.advance(Duration.ofMinutes(2));
    assertThat(deliveries()).isEqualTo(3300);
  }

  @Test
  void deadHostIsFoundDeadByEachShard() {
    stage.method.connect = () -> REFUSED;
    for (int shard = 0; shard < POOL; shard++) {
      sendTo(shard, 10);
    }
    stage.advance(Duration.ofMillis(500));
    assertThat(stage.method.opened).hasSize(POOL);
    assertThat(stage.events.count(MailEvent.Type.TEMPFAIL)).isEqualTo(10 * POOL);
    assertThat(stage.events.events)
        .allMatch(event -> event.where().domain().equals(DomainStage.GATEWAY));
  }

  @Test
  void shardsThatNobodyUsesLeaveAndTheirNameWithTheLast() {
    sendTo(0, 1);
    stage.advance(Duration.ofMinutes(5));
    sendTo(1, 1);
    stage.advance(Duration.ofMinutes(6));
    assertThat(recordsNow()).hasSize(1);
    assertThat(stage.domains.sharded.size()).isEqualTo(1);
    stage.advance(Duration.ofMinutes(6));
    assertThat(recordsNow()).isEmpty();
    assertThat(stage.domains.sharded.size()).isZero();
  }

  @Test
  void hundredThousandNamesLeaveNothingBehind() {
    var names = new ShardedNames(2);
    for (int i = 0; i < 100_000; i++) {
      var name = new RoutingName("gateway" + i + ".example", 25);
      var one = names.join(name, 5);
      var other = names.join(name, 5);
      assertThat(other).isSameAs(one);
      names.leave(one, 0);
      names.leave(other, 1);
      assertThat(names.size()).isZero();
    }
  }

  @Test
  void stopWhileShardsWaitForEachOtherLeavesNoToken() {
    connections(1);
    stage.method.replyNanos = 300_000_000;
    for (int shard = 0; shard < POOL; shard++) {
      sendTo(shard, 20);
    }
    stage.advance(Duration.ofMillis(1700));
    stage.checkPlaces();
  }
}
