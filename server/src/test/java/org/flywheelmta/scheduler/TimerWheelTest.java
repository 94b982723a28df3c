package org.flywheelmta.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.flywheelmta.sim.Seeds;
import org.flywheelmta.sim.SimWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The timing wheel against a list of what is due when. */
@Timeout(60)
class TimerWheelTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1_000 * MILLISECOND;
  private static final long YEAR = 365 * 24 * 3600 * SECOND;
  private static final long TICK = 1L << 20;

  static LongStream seeds() {
    return Seeds.upTo(30);
  }

  /** A world with one scheduler, and the model: what is armed and when it is due. */
  private static final class Bench {
    final SimWorld world;
    final Scheduler scheduler;
    final RandomGenerator random;
    final Map<Alarm, Long> due = new HashMap<>();
    long fired;

    Bench(long seed) {
      world = new SimWorld(seed, TimerWheelTest.class);
      scheduler = world.machine("m").schedulers("events", 1).getFirst();
      random = new SplittableRandom(seed);
    }

    void arm(Alarm alarm, long delayNanos) {
      scheduler.arm(alarm, delayNanos);
      due.put(alarm, scheduler.nanoTime() + delayNanos);
    }

    void disarm(Alarm alarm) {
      boolean expected = due.remove(alarm) != null;
      assertThat(alarm.armed()).isEqualTo(expected);
      assertThat(scheduler.disarm(alarm)).isEqualTo(expected);
      assertThat(alarm.armed()).isFalse();
    }

    /** Any span from nothing to three years, short ones as likely as long ones. */
    long span() {
      int bits = random.nextInt(1, 57);
      return Math.min(random.nextLong(1L << bits), 3 * YEAR);
    }

    void check() {
      assertThat(scheduler.armedEvents()).isEqualTo(due.size());
    }

    void onScheduler(Runnable task) {
      scheduler.post(task);
      assertThat(world.runUntil(() -> false, 0)).isFalse();
    }
  }

  /** An event that holds itself against the model when it fires, and may do anything then. */
  private static final class Alarm extends TimedEvent {
    private final Bench bench;
    private final List<Alarm> others;
    private int armingsLeft;
    private Runnable onFire = () -> {};

    Alarm(Bench bench, List<Alarm> others, int armingsLeft) {
      this.bench = bench;
      this.others = others;
      this.armingsLeft = armingsLeft;
    }

    @Override
    protected void fire(long nowNanos) {
      assertThat(bench.due).as("it is armed").containsKey(this);
      long due = bench.due.getOrDefault(this, Long.MAX_VALUE);
      bench.due.remove(this);
      long late = nowNanos - due;
      assertThat(late).as("late by").isBetween(0L, TICK);
      assertThat(armed()).isFalse();
      bench.fired++;
      onFire.run();
      if (armingsLeft-- > 0) {
        int what = bench.random.nextInt(8);
        var other = others.get(bench.random.nextInt(others.size()));
        if (what < 4) {
          bench.arm(this, bench.span());
        } else if (what < 6) {
          bench.arm(other, bench.span());
        } else if (what == 6) {
          bench.disarm(other);
        }
      }
      bench.check();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyEventFiresInTimeWhateverIsArmedAndDisarmed(long seed) {
    var bench = new Bench(seed);
    var alarms = new ArrayList<Alarm>();
    for (int i = 0; i < 200; i++) {
      alarms.add(new Alarm(bench, alarms, 10));
    }
    for (int round = 0; round < 60; round++) {
      bench.onScheduler(
          () -> {
            int count = bench.random.nextInt(40);
            for (int i = 0; i < count; i++) {
              var alarm = alarms.get(bench.random.nextInt(alarms.size()));
              if (bench.random.nextInt(4) == 0) {
                bench.disarm(alarm);
              } else {
                bench.arm(alarm, bench.span());
              }
            }
            bench.check();
          });
      bench.world.run(bench.span());
    }
    bench.world.run(40 * YEAR);
    bench.onScheduler(bench::check);
    assertThat(bench.due).isEmpty();
    assertThat(bench.fired).isGreaterThan(200);
  }

  @Test
  void burstLargerThanAPassFiresWholeAndLetsOthersRunBetween() {
    var bench = new Bench(1);
    int count = 3 * TimerWheel.EVENTS_PER_PASS + 7;
    var alarms = new ArrayList<Alarm>();
    for (int i = 0; i < count; i++) {
      alarms.add(new Alarm(bench, alarms, 0));
    }
    var firedAtTask = new ArrayList<Long>();
    alarms.getFirst().onFire = () -> bench.scheduler.post(() -> firedAtTask.add(bench.fired));
    bench.onScheduler(() -> alarms.forEach(alarm -> bench.arm(alarm, 5 * MILLISECOND)));
    bench.world.run(SECOND);
    assertThat(bench.fired).isEqualTo(count);
    assertThat(firedAtTask).containsExactly((long) TimerWheel.EVENTS_PER_PASS);
    bench.onScheduler(bench::check);
  }

  @Test
  void passOfABurstIsBounded() {
    var bench = new Bench(1);
    int count = 2 * TimerWheel.EVENTS_PER_PASS + 1;
    var alarms = new ArrayList<Alarm>();
    var seen = new ArrayList<Long>();
    bench.world.invariant(
        () -> {
          if (seen.isEmpty() || seen.getLast() != bench.fired) {
            seen.add(bench.fired);
          }
        });
    bench.onScheduler(
        () -> {
          for (int i = 0; i < count; i++) {
            var alarm = new Alarm(bench, alarms, 0);
            bench.arm(alarm, 5 * MILLISECOND);
          }
        });
    bench.world.run(SECOND);
    long pass = TimerWheel.EVENTS_PER_PASS;
    assertThat(seen).containsExactly(0L, pass, 2 * pass, 2 * pass + 1);
  }

  @Test
  void eventsOfOneTickFireInTheOrderOfArming() {
    var bench = new Bench(1);
    var order = new ArrayList<Integer>();
    bench.onScheduler(
        () -> {
          for (int i = 0; i < 100; i++) {
            int number = i;
            bench.scheduler.arm(TimedEvent.of(now -> order.add(number)), 7 * SECOND);
          }
        });
    bench.world.run(8 * SECOND);
    assertThat(order).isSorted().hasSize(100);
  }

  @Test
  void eventArmedForNowFromItsOwnCallbackDoesNotHoldTheSchedulerUp() {
    var bench = new Bench(1);
    var fired = new ArrayList<Long>();
    var event =
        new TimedEvent() {
          @Override
          protected void fire(long nowNanos) {
            fired.add(nowNanos);
            bench.scheduler.arm(this, 0);
          }
        };
    bench.onScheduler(() -> bench.scheduler.arm(event, 0));
    bench.world.run(SECOND);
    assertThat((long) fired.size()).isBetween(900L, SECOND / TICK + 1);
  }

  @Test
  void delayBeyondTheWheelIsKeptWithinIt() {
    var bench = new Bench(1);
    var event = TimedEvent.of(now -> {});
    bench.onScheduler(
        () -> {
          bench.scheduler.arm(event, Long.MAX_VALUE);
          assertThat(event.armed()).isTrue();
          assertThat(bench.scheduler.disarm(event)).isTrue();
          assertThat(bench.scheduler.disarm(event)).isFalse();
        });
    bench.world.run(SECOND);
    assertThat(event.armed()).isFalse();
  }
}
