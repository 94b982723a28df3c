package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.flywheelmta.base.Admission;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The disk is full from each operation of a {@link Scenario} on: no file is made and none becomes
 * longer; or none is written at all, as on file systems that take new blocks for what is
 * overwritten. What is refused is refused for that and never comes back, nothing fails, and there
 * is service again within 5 s of room.
 */
final class FullDiskTest {
  private static final int SERVICE_MILLIS = 5_000;

  /** Fills the disk when an operation of that number begins. */
  private static final class Filling implements SimDisk.Faults {
    private final Story story;
    private final long from;
    private final boolean copiesOnWrite;
    private boolean full;

    private Filling(Story story, long from, boolean copiesOnWrite) {
      this.story = story;
      this.from = from;
      this.copiesOnWrite = copiesOnWrite;
    }

    @Override
    public DiskFailure.@Nullable Kind onOperation(Operation operation, long number, Path file) {
      if (number >= from && !full) {
        full = true;
        story.leaveFree(0);
      }
      boolean makes = operation == Operation.CREATE && !story.disk.exists(file);
      boolean overwrites = operation == Operation.WRITE && copiesOnWrite;
      return full && (makes || overwrites) ? DiskFailure.Kind.FULL : null;
    }
  }

  /** Returns false where the scenario has no operation of that number. */
  private static boolean explore(Scenario scenario, long from, boolean copiesOnWrite) {
    var story = scenario.story(7);
    var filling = new Filling(story, from, copiesOnWrite);
    story.disk.faults(filling);
    scenario.script().accept(story);
    var what = "\"%s\", full from operation %d on".formatted(scenario, from);
    var spool = story.spool();
    assertThat(spool.lines).as(what).noneMatch(StoryLedger::isTrouble);
    assertThat(story.ledger.refusals()).as(what).isSubsetOf(SpoolRefusal.FULL);
    assertThat(spool.spool().level()).as(what).isNotEqualTo(Admission.Level.PAUSED);
    story.disk.noFaults();
    story.relieve();
    story.pass(SERVICE_MILLIS);
    assertThat(spool.spool().level()).as(what).isEqualTo(Admission.Level.OPEN);
    story.commit(80_000, 2, 20_000);
    assertThat(story.ledger.isAcknowledged(80_000)).as("service after room, %s", what).isTrue();
    assertThat(story.ledger.unanswered()).as("never answered, %s", what).isEmpty();
    story.end();
    for (var mode : CrashMode.values()) {
      var disk = story.disk.copy();
      disk.crash(mode, new SplittableRandom(from));
      var after = new SpoolFixture(disk, 8).openAndSettle();
      story.ledger.judge(after, story.nowNanos(), what + ", then unforced " + mode);
      assertThat(after.lines).as(what).noneMatch(StoryLedger::isTrouble);
      after.die();
    }
    return filling.full;
  }

  private static void explore(Scenario scenario, boolean copiesOnWrite) {
    // The first one makes the folder.
    long from = 2;
    while (explore(scenario, from, copiesOnWrite)) {
      from += copiesOnWrite ? 7 : 3;
    }
    assertThat(from).as("operations of \"%s\"", scenario).isGreaterThan(20);
  }

  @TestFactory
  Stream<DynamicTest> fullDiskRefusesForThatAndTakesMailAgainOnceThereIsRoom() {
    // In the others the disk is filled by the script.
    return Scenario.OF_ONE_VOLUME.stream()
        .filter(scenario -> scenario.segments() == Scenario.ROOMY)
        .map(each -> DynamicTest.dynamicTest(each.sentence(), () -> explore(each, false)));
  }

  @TestFactory
  Stream<DynamicTest> diskThatTakesNewBlocksForWhatIsOverwrittenDoesToo() {
    return Scenario.OF_ONE_VOLUME.stream()
        .filter(scenario -> scenario.segments() == Scenario.ROOMY)
        .map(each -> DynamicTest.dynamicTest(each.sentence(), () -> explore(each, true)));
  }
}
