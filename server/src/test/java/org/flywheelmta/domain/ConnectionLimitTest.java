package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywheelmta.domain.Claim.Place;
import org.junit.jupiter.api.Test;

/** Tokens of connections: where each is, who is next, and that none is lost or made. */
class ConnectionLimitTest {
  private static final int SEEDS = 300;
  private static final int STEPS = 400;
  private static final int THREADS = 4;
  private static final int ROUNDS = 200;
  private static final int STEPS_PER_ROUND = 10_000;

  private int calls;

  private ConnectionLimit limit(int maximum, int parties) {
    return new ConnectionLimit(maximum, parties, () -> calls++);
  }

  /** One who shares a limit, with the tokens of its sessions. */
  private static final class Party {
    final ConcurrentLinkedQueue<Runnable> posted = new ConcurrentLinkedQueue<>();
    final Claim claim;
    int sessions;

    Party(ConnectionLimit limit) {
      claim = new Claim(limit, posted::add, () -> {});
    }

    boolean open() {
      if (!claim.take(sessions)) {
        return false;
      }
      claim.use();
      sessions++;
      return true;
    }

    void close() {
      sessions--;
      claim.limit.release();
    }

    /** Closes one that was told to leave. */
    void leave() {
      sessions--;
      claim.limit.releaseLeaving();
    }

    void receive() {
      for (var task = posted.poll(); task != null; task = posted.poll()) {
        task.run();
      }
    }

    int tokens() {
      return sessions + claim.tokens();
    }
  }

  @Test
  void whoGivesAConnectionBackCannotTakeItAgainWhileAnotherWaits() {
    var limit = limit(1, 2);
    var greedy = new Party(limit);
    var patient = new Party(limit);
    assertThat(greedy.open()).isTrue();
    assertThat(patient.open()).isFalse();
    greedy.close();
    assertThat(patient.claim.place()).isEqualTo(Place.GRANTED);
    assertThat(greedy.open()).isFalse();
    patient.receive();
    assertThat(patient.open()).isTrue();
    assertThat(limit.taken()).isEqualTo(1);
  }

  @Test
  void lineIsFirstComeFirstServed() {
    var limit = limit(1, 4);
    var holder = new Party(limit);
    holder.open();
    var line = List.of(new Party(limit), new Party(limit), new Party(limit));
    line.forEach(Party::open);
    for (var next : line) {
      holder.close();
      assertThat(line.stream().filter(party -> party.claim.place() == Place.GRANTED))
          .containsExactly(next);
      next.receive();
      assertThat(next.open()).isTrue();
      holder = next;
    }
  }

  @Test
  void tokenThatComesBackBeforeTheClaimStandsInLineIsNotMissed() {
    var limit = limit(1, 2);
    var holder = new Party(limit);
    var patient = new Party(limit);
    holder.open();
    assertThat(limit.tryTake()).isFalse();
    holder.close();
    limit.await(patient.claim, true);
    assertThat(patient.claim.place()).isEqualTo(Place.GRANTED);
    assertThat(limit.taken()).isEqualTo(1);
  }

  @Test
  void tokenWithoutUseIsPassedOn() {
    var limit = limit(1, 3);
    var holder = new Party(limit);
    var closed = new Party(limit);
    var patient = new Party(limit);
    holder.open();
    closed.open();
    patient.open();
    holder.close();
    closed.claim.giveUp();
    assertThat(closed.claim.place()).as("too late to withdraw").isEqualTo(Place.GRANTED);
    closed.receive();
    closed.claim.giveUp();
    assertThat(closed.claim.atRest()).isTrue();
    assertThat(patient.claim.place()).isEqualTo(Place.GRANTED);
  }

  @Test
  void withdrawnClaimIsPassedOverAndFindsItsPlaceAgain() {
    var limit = limit(1, 3);
    var holder = new Party(limit);
    var first = new Party(limit);
    var second = new Party(limit);
    holder.open();
    first.open();
    second.open();
    first.claim.giveUp();
    assertThat(limit.waiting()).isEqualTo(1);
    first.open();
    holder.close();
    assertThat(first.claim.place()).isEqualTo(Place.GRANTED);
    first.receive();
    first.claim.giveUp();
    assertThat(second.claim.place()).isEqualTo(Place.GRANTED);
  }

  @Test
  void loweredMaximumLetsTokensVanishAndARaisedOneServesThoseWhoWait() {
    var limit = limit(3, 2);
    var holder = new Party(limit);
    var patient = new Party(limit);
    for (int i = 0; i < 3; i++) {
      holder.open();
    }
    patient.open();
    limit.maximum(1);
    holder.close();
    holder.close();
    assertThat(limit.taken()).isEqualTo(1);
    assertThat(patient.claim.place()).isEqualTo(Place.URGENT);
    limit.maximum(2);
    assertThat(patient.claim.place()).isEqualTo(Place.GRANTED);
    assertThat(limit.taken()).isEqualTo(2);
  }

  @Test
  void asManySessionsAreToldToLeaveAsClaimsWait() {
    var limit = limit(8, 2);
    var holder = new Party(limit);
    var patient = new Party(limit);
    for (int i = 0; i < 8; i++) {
      holder.open();
    }
    assertThat(limit.callsIdle()).isFalse();
    assertThat(limit.callsBusy(8)).isFalse();
    patient.open();
    assertThat(calls).isEqualTo(1);
    assertThat(limit.callsBusy(4)).as("has no more than its share").isFalse();
    assertThat(limit.callsBusy(8)).isTrue();
    assertThat(limit.callsBusy(8)).isFalse();
    assertThat(limit.callsIdle()).isFalse();
    holder.leave();
    patient.receive();
    patient.open();
    // The next is the first that it asks beyond what it has; it still has less than its share.
    patient.open();
    assertThat(limit.callsIdle()).isTrue();
  }

  @Test
  void whoHasItsShareWaitsAndBusySessionsDoNotEndForIt() {
    var limit = limit(4, 2);
    var one = new Party(limit);
    var other = new Party(limit);
    for (int i = 0; i < 2; i++) {
      one.open();
      other.open();
    }
    one.open();
    assertThat(one.claim.place()).isEqualTo(Place.WAITING);
    assertThat(limit.callsBusy(2)).isFalse();
    assertThat(limit.callsIdle()).as("an idle one does").isTrue();
    one.close();
    one.close();
    one.receive();
    one.open();
    one.close();
    assertThat(limit.taken()).isEqualTo(2);
  }

  @Test
  void claimBecomesUrgentWhenItsRecordHasLessThanItsShare() {
    var limit = limit(4, 2);
    var one = new Party(limit);
    var other = new Party(limit);
    one.open();
    one.open();
    other.open();
    other.open();
    one.open();
    one.sessions = 1;
    one.claim.take(one.sessions);
    assertThat(one.claim.place()).isEqualTo(Place.URGENT);
    assertThat(one.claim.callsBusy(1)).as("its own sessions stay").isFalse();
    assertThat(limit.callsBusy(3)).isTrue();
  }

  @Test
  void whatTheOtherSideBearsLowersTheMaximumForAWhile() {
    var limit = limit(10, 2);
    var holder = new Party(limit);
    var patient = new Party(limit);
    holder.open();
    holder.open();
    limit.bears(2);
    assertThat(patient.open()).isFalse();
    holder.close();
    patient.receive();
    assertThat(patient.open()).isTrue();
    assertThat(holder.open()).isFalse();
    limit.bearsAll();
    holder.receive();
    assertThat(holder.open()).isTrue();
    assertThat(limit.maximum()).isEqualTo(10);
  }

  @Test
  void tokenTooManyIsABug() {
    var limit = limit(1, 1);
    assertThatThrownBy(limit::release).hasMessageContaining("more often than taken");
    var other = limit(1, 1);
    assertThat(other.tryTake()).isTrue();
    assertThatThrownBy(other::releaseLeaving).hasMessageContaining("more sessions left");
  }

  @Test
  void everyTokenIsInOnePlaceAfterEachStep() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        play(new SplittableRandom(seed));
      } catch (Throwable failure) {
        throw new AssertionError("seed " + seed, failure);
      }
    }
  }

  private void play(SplittableRandom random) {
    int count = random.nextInt(1, 6);
    var limit = limit(random.nextInt(1, 10), random.nextBoolean() ? count : 1);
    var parties = new ArrayList<Party>();
    for (int i = 0; i < count; i++) {
      parties.add(new Party(limit));
    }
    int told = 0;
    for (int i = 0; i < STEPS; i++) {
      int before = limit.taken();
      var party = parties.get(random.nextInt(count));
      switch (random.nextInt(9)) {
        case 0, 1, 2 -> {
          if (party.sessions < limit.maximum()) {
            party.open();
          }
        }
        case 3, 4 -> {
          if (party.sessions > 0 && told > 0) {
            told--;
            party.leave();
          } else if (party.sessions > 0) {
            party.close();
          }
        }
        case 5 -> party.receive();
        case 6 -> party.claim.giveUp();
        case 7 -> limit.maximum(random.nextInt(1, 10));
        default -> told += party.claim.callsBusy(party.sessions) || limit.callsIdle() ? 1 : 0;
      }
      check(limit, parties, before);
      assertThat(told).isLessThanOrEqualTo(count + 9);
    }
    comeToRest(parties);
    assertThat(limit.taken()).isZero();
    assertThat(limit.waiting()).isZero();
  }

  private static void comeToRest(List<Party> parties) {
    for (var party : parties) {
      party.claim.giveUp();
      while (party.sessions > 0) {
        party.close();
      }
    }
    for (var _ : parties) {
      parties.forEach(Party::receive);
      parties.forEach(party -> party.claim.giveUp());
    }
  }

  private static void check(ConnectionLimit limit, List<Party> parties, int before) {
    assertThat(limit.taken()).isEqualTo(parties.stream().mapToInt(Party::tokens).sum());
    assertThat(limit.taken()).isLessThanOrEqualTo(Math.max(before, limit.maximum()));
    long inLine = parties.stream().filter(party -> party.claim.place().waits()).count();
    assertThat(limit.waiting()).isEqualTo((int) inLine);
    if (inLine > 0) {
      assertThat(limit.taken())
          .as("nobody waits beside a free one")
          .isGreaterThanOrEqualTo(limit.maximum());
    }
  }

  @Test
  void threadsNeitherLoseNorMakeATokenAndNobodyIsForgotten() throws Exception {
    for (int maximum = 1; maximum <= THREADS; maximum++) {
      new Crowd(maximum).run();
    }
  }

  /** Threads that take and give back as fast as they can, and are looked at between rounds. */
  private static final class Crowd {
    private final int maximum;
    private final ConnectionLimit limit;
    private final List<Party> parties = new ArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private final CyclicBarrier pause;
    private volatile boolean over;

    Crowd(int maximum) {
      this.maximum = maximum;
      limit = new ConnectionLimit(maximum, THREADS, () -> {});
      for (int i = 0; i < THREADS; i++) {
        parties.add(new Party(limit));
      }
      pause = new CyclicBarrier(THREADS, () -> check(limit, parties, maximum));
    }

    void run() throws Exception {
      var faults = new ConcurrentLinkedQueue<Throwable>();
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < THREADS; i++) {
        var party = parties.get(i);
        var random = new SplittableRandom(i);
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        work(party, random);
                      } catch (Throwable fault) {
                        faults.add(fault);
                        pause.reset();
                      }
                    }));
      }
      for (var thread : threads) {
        thread.join();
      }
      assertThat(faults).isEmpty();
      comeToRest(parties);
      assertThat(limit.taken()).isZero();
      assertThat(limit.waiting()).isZero();
      assertThat(mostOpen).hasValueLessThanOrEqualTo(maximum);
      assertThat(opened).hasValueGreaterThan(ROUNDS);
    }

    private void work(Party party, SplittableRandom random) throws Exception {
      for (int round = 0; round < ROUNDS; round++) {
        // The first that is through ends the round: one that rests with a token would hold all up.
        int steps = random.nextInt(STEPS_PER_ROUND);
        for (int i = 0; i < steps && !over; i++) {
          step(party, random);
        }
        over = true;
        // Nothing happens while all are here, so that what was forgotten shows.
        pause.await();
        over = false;
        pause.await();
      }
    }

    @SuppressWarnings("ThreadPriorityCheck")
    private void step(Party party, SplittableRandom random) {
      int roll = random.nextInt(16);
      party.receive();
      if (random.nextInt(64) == 0) {
        limit.maximum(random.nextInt(1, maximum + 1));
      }
      if (roll == 0) {
        party.claim.giveUp();
      } else if (party.sessions > 0 && roll < 9) {
        open.decrementAndGet();
        if (party.claim.callsBusy(party.sessions)) {
          party.leave();
        } else {
          party.close();
        }
      } else if (party.sessions < maximum && party.open()) {
        mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        opened.incrementAndGet();
      } else {
        // The token may be with a thread that does not run. Nothing but the pace depends on it.
        Thread.yield();
      }
    }
  }
}
