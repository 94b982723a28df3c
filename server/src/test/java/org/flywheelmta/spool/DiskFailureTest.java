package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.flywheelmta.base.Admission;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * A force fails once, and a write does, at each call of every {@link Scenario} in turn: from then
 * on nothing that is asked for is acknowledged, no force is tried again, the operator has one line,
 * and a restart finds what was acknowledged.
 */
final class DiskFailureTest {
  private static final Set<Operation> FORCES = EnumSet.of(Operation.FORCE, Operation.FORCE_FOLDER);
  private static final Set<Operation> WRITES = EnumSet.of(Operation.WRITE);

  /** Fails the nth operation of some sorts, and counts what follows it. */
  private static final class FailOnce implements SimDisk.Faults {
    private final Set<Operation> sorts;
    private final DiskFailure.Kind kind;
    private final long nth;
    private final Story story;
    private long seen;
    private int asked;
    private long nanos;
    private long forcesAfter;
    private long forcesAgain;
    private @Nullable Path failed;

    private FailOnce(Set<Operation> sorts, DiskFailure.Kind kind, long nth, Story story) {
      this.sorts = sorts;
      this.kind = kind;
      this.nth = nth;
      this.story = story;
    }

    private boolean hasFailed() {
      return failed != null;
    }

    @Override
    public DiskFailure.@Nullable Kind onOperation(Operation operation, long number, Path file) {
      if (hasFailed()) {
        forcesAfter += FORCES.contains(operation) ? 1 : 0;
        forcesAgain += FORCES.contains(operation) && file.equals(failed) ? 1 : 0;
        return null;
      }
      if (!sorts.contains(operation) || ++seen < nth) {
        return null;
      }
      failed = file;
      asked = story.ledger.asked();
      nanos = story.nowNanos();
      return kind;
    }
  }

  /** Returns false where the scenario has no nth such operation. */
  private static boolean explore(
      Scenario scenario, Set<Operation> sorts, DiskFailure.Kind kind, long nth) {
    var story = scenario.story(7);
    var fault = new FailOnce(sorts, kind, nth, story);
    story.disk.faults(fault);
    story.endWithLife(fault::hasFailed);
    try {
      scenario.script().accept(story);
    } catch (Story.Over expected) {
      assertThat(fault.hasFailed()).isTrue();
    }
    if (!fault.hasFailed()) {
      story.end();
      return false;
    }
    var what =
        "%s of \"%s\" failed with %s at call %d, of %s"
            .formatted(sorts, scenario, kind, nth, fault.failed);
    if (story.notOpened() == null) {
      check(scenario, story, fault, what);
    }
    story.disk.noFaults();
    story.end();
    // Of writes there are many, so each is judged after one sort of stop.
    boolean all = sorts.equals(FORCES);
    var modes = List.of(CrashMode.values());
    for (var mode : modes) {
      if (!all && mode != modes.get((int) nth % modes.size())) {
        continue;
      }
      var disk = story.disk.copy();
      disk.crash(mode, new SplittableRandom(nth));
      var after = new SpoolFixture(disk, 8).openAndSettle();
      story.ledger.judge(after, fault.nanos, what + ", then unforced " + mode);
      assertThat(after.spool().level()).isNotEqualTo(Admission.Level.PAUSED);
      after.die();
    }
    return true;
  }

  private static void check(Scenario scenario, Story story, FailOnce fault, String what) {
    var spool = story.spool();
    spool.platform.settle();
    if (!story.isClosed()) {
      spool.platform.advanceMillis(fault.kind == DiskFailure.Kind.FULL ? 5_000 : 300);
      var late = spool.commit(80_000, 1, 100);
      if (fault.kind == DiskFailure.Kind.FULL) {
        // The disk has room again, unless the scenario has filled it.
        assertThat(late.committed || scenario.segments() < Scenario.ROOMY).as(what).isTrue();
        assertThat(spool.lines).as(what).noneMatch(StoryLedger::isTrouble);
        story.ledger.asked(80_000, 1, SpoolFixture.octets(80_000, 100), late);
        return;
      }
      assertThat(late.refusal).as(what).isEqualTo(SpoolRefusal.SEALED);
      assertThat(spool.spool().level()).as("level, " + what).isEqualTo(Admission.Level.PAUSED);
    }
    if (fault.kind == DiskFailure.Kind.FULL) {
      assertThat(spool.lines).as(what).noneMatch(StoryLedger::isTrouble);
      return;
    }
    assertThat(spool.lines.stream().filter(StoryLedger::isTrouble))
        .as("lines, " + what)
        .singleElement()
        .asString()
        .contains("has failed and takes nothing");
    assertThat(story.ledger.acknowledgedAfter(fault.asked)).as("answers, " + what).isEmpty();
    assertThat(fault.forcesAgain).as("forced again, " + what).isZero();
    assertThat(fault.forcesAfter).as("forced anything, " + what).isZero();
  }

  private static DynamicTest test(
      Scenario scenario, Set<Operation> sorts, DiskFailure.Kind kind, int stride) {
    return DynamicTest.dynamicTest(
        scenario.sentence(),
        () -> {
          long nth = 1;
          while (explore(scenario, sorts, kind, nth)) {
            nth += stride;
          }
          assertThat(nth).as("%s that failed in \"%s\"", sorts, scenario).isGreaterThan(5);
        });
  }

  @TestFactory
  Stream<DynamicTest> forceThatFailedIsNeverTriedAgainAndNothingIsAcknowledgedAfterIt() {
    return Scenario.OF_ONE_VOLUME.stream()
        .map(scenario -> test(scenario, FORCES, DiskFailure.Kind.IO, 1));
  }

  @TestFactory
  Stream<DynamicTest> writeThatFailedSealsTheVolumeToo() {
    return Scenario.OF_ONE_VOLUME.stream()
        .map(scenario -> test(scenario, WRITES, DiskFailure.Kind.IO, 4));
  }

  /** As on file systems that take new blocks for what is overwritten. */
  @TestFactory
  Stream<DynamicTest> writeThatFindsNoRoomLosesNothingAndInventsNothing() {
    return Scenario.OF_ONE_VOLUME.stream()
        .map(scenario -> test(scenario, WRITES, DiskFailure.Kind.FULL, 8));
  }

  @Tag("slow")
  @TestFactory
  Stream<DynamicTest> eachWriteInTurn() {
    return Stream.of(DiskFailure.Kind.IO, DiskFailure.Kind.FULL)
        .flatMap(
            kind ->
                Scenario.OF_ONE_VOLUME.stream().map(scenario -> test(scenario, WRITES, kind, 1)));
  }
}
