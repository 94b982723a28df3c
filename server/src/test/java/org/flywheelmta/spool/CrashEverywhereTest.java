package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * A stop at every disk operation of every {@link Scenario}, in four ways. The disk is looked at in
 * the instant before each operation: so it is what a stop in the middle of the one before leaves,
 * with all of its effects still unforced or torn, while the ledger already holds every answer that
 * was given until then.
 */
final class CrashEverywhereTest {
  /** What a stop takes away. */
  private enum Way {
    DROPPED(CrashMode.DROPPED),
    KEPT(CrashMode.KEPT),
    TORN(CrashMode.TORN),
    /** The process alone: the machine keeps what was not forced, until its own power goes. */
    KILLED(null);

    private final @Nullable CrashMode mode;

    Way(@Nullable CrashMode mode) {
      this.mode = mode;
    }

    void stop(SimDisk disk, long number) {
      // Half of the cuts tear blocks as a whole, which may hold anything then; half of them
      // sectors.
      disk.tearBlocks(number % 2 == 0);
      if (mode == null) {
        disk.killProcess();
      } else {
        disk.crash(mode, new SplittableRandom(number));
      }
    }

    /** A second stop: what was concluded from a kill's remains must outlive the power. */
    void stopAgain(SimDisk disk, long number) {
      disk.crash(mode == null ? CrashMode.DROPPED : mode, new SplittableRandom(-number));
    }
  }

  private static final List<Way> WAYS = List.of(Way.values());

  /** Looks at the disk before each operation of a story. */
  private static final class Watch implements SimDisk.Faults {
    private final Scenario scenario;
    private final Story story;
    private final boolean recoveriesToo;
    private boolean changed;
    private long answered;
    private long crashes;
    private long recoveryCrashes;
    // Each life has secrets of its own.
    private long lives = 1_000;

    private Watch(Scenario scenario, Story story, boolean recoveriesToo) {
      this.scenario = scenario;
      this.story = story;
      this.recoveriesToo = recoveriesToo;
    }

    @Override
    public DiskFailure.@Nullable Kind onOperation(Operation operation, long number, Path file) {
      look(number);
      changed |= changes(operation);
      return null;
    }

    private static boolean changes(Operation operation) {
      return switch (operation) {
        case CREATE, RENAME, DELETE, FORCE_FOLDER, WRITE, FORCE -> true;
        case OPEN, LIST, LOCK, READ -> false;
      };
    }

    /** A stop before an operation, unless it differs in nothing from one before. */
    void look(long number) {
      long answers = story.ledger.answered();
      if (!changed && answers == answered) {
        return;
      }
      changed = false;
      answered = answers;
      for (var way : WAYS) {
        crashes++;
        stop(way, number);
      }
    }

    private void stop(Way way, long number) {
      var what = "stop before operation " + number + " of \"" + scenario + "\", unforced " + way;
      var disk = story.disk.copy();
      way.stop(disk, number);
      if (recoveriesToo) {
        if (number % 16 < WAYS.size() && way == WAYS.get((int) number % WAYS.size())) {
          stopRecoveries(disk, way, number, what);
        }
        return;
      }
      if (number % 3 == 0) {
        stopRecovery(disk, way, number);
      }
      var first = judged(disk, what);
      way.stopAgain(disk, number);
      assertThat(judged(disk, what + ", recovered twice")).as(what).isEqualTo(first);
      if (number % 7 == 0) {
        liveOn(disk, what);
      }
    }

    /** A second stop somewhere in the recovery from the first. */
    private void stopRecovery(SimDisk disk, Way way, long number) {
      disk.cutPowerAt(disk.operations() + 1 + number / 3 % 41);
      var spool = scenario.life(disk, ++lives);
      try {
        spool.openAndSettle();
      } catch (SimDisk.PowerCut expected) {
        assertThat(disk.isOff()).isTrue();
      }
      spool.die();
      way.stop(disk, number);
    }

    /** A second stop at every operation of the recovery from the first. */
    private void stopRecoveries(SimDisk disk, Way way, long number, String what) {
      boolean cut = true;
      for (long at = 1; cut; at++) {
        var second = disk.copy();
        second.tearBlocks(at % 2 == 0);
        second.cutPowerAt(second.operations() + at);
        var spool = scenario.life(second, ++lives);
        cut = false;
        try {
          spool.openAndSettle();
        } catch (SimDisk.PowerCut expected) {
          cut = true;
        }
        spool.die();
        way.stopAgain(second, number + at);
        recoveryCrashes++;
        judged(second, what + ", again at operation " + at + " of the recovery");
      }
    }

    /** Who got no answer sends again, and so does who got one. */
    private void resend(SimDisk disk, String what) {
      var spool = scenario.life(disk, ++lives).open();
      spool.platform.settle();
      story.keys.judge(spool, what);
      spool.die();
    }

    private List<String> judged(SimDisk disk, String what) {
      if (!story.keys.isEmpty()) {
        resend(disk.copy(), what);
      }
      var spool = scenario.life(disk, ++lives).openAndSettle();
      story.ledger.judge(spool, story.nowNanos(), what);
      assertThat(spool.lines)
          .as("a stop never looks like damage, " + what)
          .noneMatch(StoryLedger::isTrouble);
      var keys = List.copyOf(spool.recovered.keySet());
      spool.die();
      return keys;
    }

    /** What is delivered after the recovery stays so, and what comes after it is kept. */
    private void liveOn(SimDisk disk, String what) {
      Story.relieve(disk);
      disk.crash(CrashMode.KEPT, new SplittableRandom(1));
      var spool = scenario.life(disk, ++lives).openAndSettle();
      for (var stub : List.copyOf(spool.recovered.values())) {
        var outcome = SpoolFixture.outcome(StoredOutcome.Kind.DELIVERED, 9);
        spool.spool().outcome(stub.id(), stub.index(), outcome);
      }
      spool.platform.advanceMillis(2_000);
      var late = spool.commit(90_000, 1, 20_000);
      assertThat(late.committed).as("a mail after the recovery, " + what).isTrue();
      spool.platform.advanceMillis(300);
      spool.die();
      disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
      var again = scenario.life(disk, ++lives).openAndSettle();
      assertThat(again.recovered.keySet())
          .as("the life after, " + what)
          .containsExactly(SpoolFixture.key(90_000, 0));
      assertThat(again.load(90_000)).as(what).isEqualTo(SpoolFixture.octets(90_000, 20_000));
      again.die();
    }
  }

  private static Watch explore(Scenario scenario, boolean recoveriesToo) {
    var story = scenario.story(7);
    var watch = new Watch(scenario, story, recoveriesToo);
    story.disk.faults(watch);
    scenario.script().accept(story);
    watch.look(story.disk.operations() + 1);
    assertThat(story.spool().lines)
        .as("%s: a fault where there was none", scenario)
        .noneMatch(StoryLedger::isTrouble);
    story.disk.noFaults();
    story.end();
    assertThat(watch.crashes).as("stops in %s", scenario).isGreaterThan(60);
    return watch;
  }

  private static long operations(Scenario scenario) {
    var story = scenario.story(7);
    scenario.script().accept(story);
    long operations = story.disk.operations();
    story.end();
    return operations;
  }

  private static DynamicTest test(Scenario scenario) {
    var name = "%s: a stop at each of %d operations".formatted(scenario, operations(scenario));
    return DynamicTest.dynamicTest(name, () -> explore(scenario, false));
  }

  @TestFactory
  Stream<DynamicTest> nothingAcknowledgedIsLostWhereverItStops() {
    assertThat(Scenario.ALL).hasSizeGreaterThanOrEqualTo(20);
    return Scenario.ALL.stream().map(CrashEverywhereTest::test);
  }

  /** The test of the test: where force answers and does nothing, what it says is not true. */
  @Test
  void diskThatLiesAboutForceIsFoundOut() {
    var scenario = Scenario.ALL.getFirst();
    var story = scenario.story(7);
    var watch = new Watch(scenario, story, false);
    story.disk.ignoreForce(true);
    story.disk.faults(watch);
    assertThatThrownBy(() -> scenario.script().accept(story))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("stop before operation");
    story.disk.noFaults();
    story.end();
  }

  @TestFactory
  Stream<DynamicTest> norWhereverItsRecoveryStops() {
    return Scenario.ALL.stream()
        .filter(scenario -> scenario.has("chunk", "killed", "settle", "go round", "peace"))
        .map(
            scenario ->
                DynamicTest.dynamicTest(
                    scenario.sentence(),
                    () -> {
                      var watch = explore(scenario, true);
                      assertThat(watch.recoveryCrashes)
                          .as("stops in the recoveries of %s", scenario)
                          .isGreaterThan(20);
                    }));
  }
}
