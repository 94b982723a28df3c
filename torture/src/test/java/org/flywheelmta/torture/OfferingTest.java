package org.flywheelmta.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.data.Percentage;
import org.flywheelmta.clients.MailStore;
import org.flywheelmta.clients.Receiver;
import org.flywheelmta.clients.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Open and closed loops against a relay that does one thing wrong at most. */
class OfferingTest {
  private static final long SEED = 20260102;
  private static final long SECOND_MICROS = 1_000_000;
  private static final Patience PATIENT = new Patience(10_000, 0, Duration.ofMillis(1));

  @TempDir Path folder;

  private static Load load(int sessions, double rate, Duration limit) {
    return new Load(
        sessions,
        Long.MAX_VALUE,
        limit,
        rate,
        3,
        0,
        4,
        SizeMix.fixed(700),
        true,
        Duration.ofSeconds(20),
        SEED);
  }

  private record Result(OfferingCounts counts, Verdict verdict) {}

  /** Half a second of arrivals, over within a moment. */
  private Result openLoop(SmallRelay.Way way, Patience patience) throws Exception {
    try (var ledger = Ledger.open(folder.resolve(History.LEDGER));
        var record = SinkRecord.open(folder.resolve(History.SINK_RECORD));
        var _ = KillRecord.open(folder.resolve(History.KILL_RECORD));
        var sink = Sink.start(RunFolder.freePort(), record, Misbehaviour.none());
        var relay = SmallRelay.start(sink.address(), way)) {
      var load = load(8, 300, Duration.ofMillis(500));
      var offering = Offering.open(relay.address(), load, patience, ledger);
      assertThat(offering.awaitArrivals(20, TimeUnit.SECONDS)).isTrue();
      var counts = offering.counts();
      while (counts.acknowledged.sum() + counts.refused.sum() < counts.arrived.sum()) {
        offering.check();
        offering.pause(1_000_000);
      }
      offering.stop();
      assertThat(offering.await(20, TimeUnit.SECONDS)).isTrue();
      sink.settle();
      var history = History.in(folder);
      history.finish();
      return new Result(counts, RunFolder.JUDGE.judge(history, null));
    }
  }

  @Test
  void honestRelayIsGoodAndEveryArrivalHasItsFate() throws Exception {
    var result = openLoop(SmallRelay.Way.HONEST, PATIENT);
    var counts = result.counts();
    assertThat(result.verdict().lines()).endsWith("good");
    assertThat(counts.arrived.sum()).isBetween(100L, 200L);
    assertThat(counts.acknowledged.sum()).isEqualTo(counts.arrived.sum());
    assertThat(counts.offered.sum()).isEqualTo(counts.arrived.sum());
    assertThat(result.verdict().mails().sent()).isEqualTo(counts.arrived.sum());
    assertThat(result.verdict().mails().acknowledged()).isEqualTo(counts.arrived.sum());
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @Test
  void witnessSeesEachMailEndAndItsReplyAndNothingIsKept() throws Exception {
    var ended = new ConcurrentHashMap<String, Long>();
    var replied = new ConcurrentHashMap<String, Long>();
    var witness =
        new Witness() {
          @Override
          public void ending(String id, long micros) {
            ended.put(id, micros);
          }

          @Override
          public void acknowledged(String id, long endingMicros, long micros) {
            assertThat(ended).containsEntry(id, endingMicros);
            replied.put(id, micros);
          }
        };
    try (var ledger = Ledger.ofNothing();
        var receiver = Receiver.start(anyPort(), Script.ordinary(), MailStore.none())) {
      var load = load(4, 200, Duration.ofMillis(300));
      var offering = Offering.open(receiver.address(), load, PATIENT, ledger, witness);
      assertThat(offering.awaitArrivals(20, TimeUnit.SECONDS)).isTrue();
      var counts = offering.counts();
      while (counts.acknowledgedMails() + counts.failedMails() < counts.arrivedMails()) {
        offering.check();
        offering.pause(1_000_000);
      }
      offering.stop();
      assertThat(offering.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(counts.failedMails()).isZero();
      assertThat(counts.offeredMails()).isEqualTo(counts.arrivedMails());
      assertThat(ended).hasSize((int) counts.arrivedMails());
      assertThat(replied.keySet()).isEqualTo(ended.keySet());
      replied.forEach((id, micros) -> assertThat(micros).isGreaterThanOrEqualTo(ended.get(id)));
    }
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @EnumSource(names = {"LOSE", "DAMAGE", "REPEAT", "INVENT"})
  void judgeFindsWhatTheRelayDoesWrong(SmallRelay.Way way) throws Exception {
    var verdict = openLoop(way, PATIENT).verdict();
    assertThat(verdict.isGood()).isFalse();
    long found =
        switch (way) {
          case LOSE -> verdict.lost();
          case DAMAGE -> verdict.damaged();
          case REPEAT -> verdict.duplicates();
          case INVENT -> verdict.invented();
          case HONEST, REFUSE -> 0;
        };
    assertThat(found).isPositive();
    assertThat(verdict.lost() + verdict.damaged() + verdict.duplicates() + verdict.invented())
        .as("nothing else")
        .isEqualTo(found);
  }

  @Test
  void refusalsAreCountedByTheirCodeAndDropped() throws Exception {
    var result = openLoop(SmallRelay.Way.REFUSE, PATIENT);
    long refused = result.counts().refused.sum();
    assertThat(refused).isPositive();
    assertThat(result.counts().refusals())
        .containsExactly(java.util.Map.entry("452 4.3.1", refused));
    assertThat(result.verdict().lines()).endsWith("good");
    assertThat(result.verdict().mails().refused()).isEqualTo(refused);
  }

  @Test
  void refusedMailIsOfferedAgainWhereThatIsWanted() throws Exception {
    var result = openLoop(SmallRelay.Way.REFUSE, new Patience(10_000, 50, Duration.ofMillis(1)));
    assertThat(result.counts().retried.sum()).isPositive();
    assertThat(result.counts().refused.sum()).isZero();
    assertThat(result.counts().acknowledged.sum()).isEqualTo(result.counts().arrived.sum());
    assertThat(result.verdict().lines()).endsWith("good");
  }

  /**
   * The clock moves only when this test or the relay moves it. All mails are due within the first
   * second, the session finds them at the tenth, and each takes the relay one second: a closed loop
   * would call that one second each.
   */
  @Test
  void latencyCountsFromTheTimeThatWasMeant() throws Exception {
    var clock = new AtomicLong();
    var load = load(1, 10, Duration.ofSeconds(1));
    try (var ledger = Ledger.open(folder.resolve(History.LEDGER));
        var record = SinkRecord.open(folder.resolve(History.SINK_RECORD));
        var sink = Sink.start(RunFolder.freePort(), record, Misbehaviour.none());
        var relay =
            SmallRelay.start(
                0,
                sink.address(),
                SmallRelay.Way.HONEST,
                Integer.MAX_VALUE,
                () -> clock.addAndGet(SECOND_MICROS))) {
      var offering = Offering.open(relay.address(), load, PATIENT, ledger, clock::get);
      clock.set(10 * SECOND_MICROS);
      var dues = dues(load);
      while (offering.replies().count() < dues.size()) {
        offering.check();
        offering.pause(1_000_000);
      }
      offering.stop();
      assertThat(offering.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(offering.counts().arrived.sum()).isEqualTo(dues.size());
      var latencies = new ArrayList<Long>();
      for (int i = 0; i < dues.size(); i++) {
        latencies.add((11 + i) * SECOND_MICROS - dues.get(i));
      }
      Collections.sort(latencies);
      var precision = Percentage.withPercentage(0.2);
      assertThat(offering.replies().micros(0)).isCloseTo(latencies.getFirst(), precision);
      assertThat(offering.replies().maxMicros()).isCloseTo(latencies.getLast(), precision);
      assertThat(offering.waits().maxMicros())
          .isCloseTo(latencies.getLast() - SECOND_MICROS, precision);
    }
  }

  /** When the mails of a load are due, in microseconds of a clock that began at 0. */
  private static List<Long> dues(Load load) {
    var arrivals = new Arrivals(load.rate(), load.seed());
    var dues = new ArrayList<Long>();
    while (arrivals.nextMicros() < load.limit().toNanos() / 1_000) {
      dues.add(Planner.LOOKAHEAD_MICROS + arrivals.nextMicros());
      arrivals.step();
    }
    assertThat(dues).hasSizeGreaterThan(4);
    return dues;
  }

  @Test
  void arrivalsBeyondTheRoomAreNotOfferedAndNotInTheLedger() throws Exception {
    var counts = new OfferingCounts();
    var room = new WaitingRoom(5);
    var load = load(1, 100, Duration.ofSeconds(1));
    try (var ledger = Ledger.open(folder.resolve(History.LEDGER))) {
      var composer = Composer.pooled(load, true);
      var planner = new Planner(composer, true, ledger, room, counts);
      boolean done = planner.plan(new Arrivals(100, SEED), 0, SECOND_MICROS, () -> SECOND_MICROS);
      assertThat(done).isTrue();
    }
    assertThat(counts.arrived.sum()).isBetween(60L, 140L);
    assertThat(counts.notOffered.sum()).isEqualTo(counts.arrived.sum() - 5);
    assertThat(room.room()).isZero();
    var lines = new ArrayList<String>();
    new JournalTail(folder.resolve(History.LEDGER)).read(lines::add);
    assertThat(lines).hasSize(5).allMatch(line -> line.startsWith("sent "));
  }

  @Test
  void arrivalsFollowTheSeedAndTheRate() {
    var one = new Arrivals(1_000, 7);
    var same = new Arrivals(1_000, 7);
    var other = new Arrivals(1_000, 8);
    boolean differs = false;
    for (int i = 0; i < 20_000; i++) {
      assertThat(one.nextMicros()).isEqualTo(same.nextMicros());
      differs |= one.nextMicros() != other.nextMicros();
      one.step();
      same.step();
      other.step();
    }
    assertThat(differs).isTrue();
    assertThat(one.nextMicros()).isCloseTo(20 * SECOND_MICROS, Percentage.withPercentage(3));
  }

  @Test
  void closedLoopKeepsItsSessionsBusyAndLeavesItsStockUnsent() throws Exception {
    try (var ledger = Ledger.open(folder.resolve(History.LEDGER));
        var record = SinkRecord.open(folder.resolve(History.SINK_RECORD));
        var _ = KillRecord.open(folder.resolve(History.KILL_RECORD));
        var sink = Sink.start(RunFolder.freePort(), record, Misbehaviour.none())) {
      var offering = Offering.closed(sink.address(), load(4, 0, Duration.ofDays(1)), ledger);
      while (offering.counts().acknowledged.sum() < 1_000) {
        offering.check();
        offering.pause(1_000_000);
      }
      offering.stop();
      assertThat(offering.await(20, TimeUnit.SECONDS)).isTrue();
      sink.settle();
      var history = History.in(folder);
      history.finish();
      var verdict = RunFolder.JUDGE.judge(history, null);
      assertThat(verdict.lines()).endsWith("good");
      assertThat(verdict.mails().acknowledged())
          .isEqualTo(offering.counts().acknowledged.sum())
          .isGreaterThanOrEqualTo(1_000);
      assertThat(verdict.mails().unsent()).isEqualTo(offering.counts().left.sum());
      assertThat(history.open()).isZero();
    }
  }
}
