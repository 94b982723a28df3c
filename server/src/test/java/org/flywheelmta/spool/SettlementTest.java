package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A transaction that settles another's message: both are durable, or neither is. */
class SettlementTest {
  private static final int NOTICE = 1000;

  private final SimDisk disk = new SimDisk(16 * SpoolFixture.SEGMENT_BYTES);

  private static byte[] octets(int number) {
    return SpoolFixture.octets(number, 700);
  }

  @Test
  void fieldSaysWhatItWasMadeOf() {
    var fields = Fields.NONE.with(Tag.DELAY_TOLD, new byte[0]).with(61_000, new byte[] {7});
    var outcome = new StoredOutcome(Kind.WAITING, 3, 77, 78, "450 später", fields);
    var settlement = new Settlement(SpoolFixture.id(9), 4, outcome);
    assertThat(Settlement.of(settlement.in(SpoolFixture.fields(1)))).isEqualTo(settlement);
    assertThat(Settlement.of(SpoolFixture.fields(1))).isNull();
  }

  @Test
  void settledMessageNeverComesBackAndItsNotificationDoes() throws DiskFailure {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(1, 2, 500);
    var answer = spool.postSettling(NOTICE, octets(1), SpoolFixture.failed(1, 0));
    spool.platform.settle();
    assertThat(answer.committed).isTrue();
    // One that comes too late changes nothing.
    spool.spool().outcome(SpoolFixture.id(1), 0, SpoolFixture.outcome(Kind.WAITING, 9));
    spool.platform.advanceMillis(120);
    var listed = new ArrayList<String>();
    SpoolReader.read(disk, SpoolFixture.FOLDER)
        .forEachWaiting(each -> listed.add(each.id().toString()));
    assertThat(listed).containsExactly(SpoolFixture.key(1, 1), SpoolFixture.key(NOTICE, 0));
    spool.die();
    disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.recovered)
        .containsOnlyKeys(SpoolFixture.key(1, 1), SpoolFixture.key(NOTICE, 0));
    assertThat(again.load(NOTICE)).isEqualTo(octets(1));
    again.close();
  }

  @Test
  void outcomeThatWasAskedForBeforeNeverWins() {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(1, 1, 500);
    spool.commit(2, 1, 500);
    // Neither is written yet when the others come.
    spool.spool().outcome(SpoolFixture.id(1), 0, SpoolFixture.outcome(Kind.WAITING, 1));
    spool.spool().outcome(SpoolFixture.id(2), 0, SpoolFixture.outcome(Kind.WAITING, 1));
    var told = Fields.NONE.with(Tag.DELAY_TOLD, new byte[0]);
    var waits = new StoredOutcome(Kind.WAITING, 2, 55, 5, "450 later", told);
    spool.postSettling(NOTICE, octets(1), new Settlement(SpoolFixture.id(1), 0, waits));
    spool.postSettling(NOTICE + 1, octets(2), SpoolFixture.failed(2, 0));
    spool.platform.advanceMillis(120);
    spool.die();
    disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.message(1, 0).attempts()).isEqualTo(2);
    assertThat(again.message(1, 0).dueMicros()).isEqualTo(55);
    assertThat(again.message(1, 0).fields().has(Tag.DELAY_TOLD)).isTrue();
    assertThat(again.recovered).doesNotContainKey(SpoolFixture.key(2, 0));
    again.close();
  }

  @Test
  void whatEarlierOutcomesChangedOutlivesTheirSegments() {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(1, 1, 100);
    int next = spool.turn(100);
    var bound = Fields.NONE.with(Tag.BINDING, new byte[] {4});
    var first = new StoredOutcome(Kind.WAITING, 1, 5, 5, "450", bound);
    spool.spool().outcome(SpoolFixture.id(1), 0, first);
    next = spool.turn(next);
    var told = Fields.NONE.with(Tag.DELAY_TOLD, new byte[0]);
    var second = new StoredOutcome(Kind.WAITING, 2, 55, 5, "450", told);
    spool.postSettling(NOTICE, octets(1), new Settlement(SpoolFixture.id(1), 0, second));
    spool.platform.advanceMillis(120);
    spool.delivered(NOTICE, 0);
    for (int i = 0; i < 20; i++) {
      next = spool.turn(next);
    }
    spool.close();
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.recovered).containsOnlyKeys(SpoolFixture.key(1, 0));
    assertThat(again.message(1, 0).attempts()).isEqualTo(2);
    assertThat(again.message(1, 0).fields().value(Tag.BINDING)).containsExactly(4);
    assertThat(again.message(1, 0).fields().has(Tag.DELAY_TOLD)).isTrue();
    again.close();
  }

  @Test
  void recyclingRepeatsWhatANotificationSettled() {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    // The first keeps the first segment, and so the record of the second is on disk for ever.
    spool.commit(1, 1, 100);
    spool.commit(2, 1, 100);
    int next = spool.turn(100);
    spool.postSettling(NOTICE, octets(2), SpoolFixture.failed(2, 0));
    spool.platform.settle();
    long use = uses().last();
    next = spool.turn(next);
    spool.delivered(NOTICE, 0);
    for (int i = 0; i < 20; i++) {
      next = spool.turn(next);
      assertThat(disk.files()).as("nothing piles up").hasSizeLessThan(9);
    }
    assertThat(uses()).as("its segment went round").isNotEmpty().doesNotContain(use);
    spool.close();
    for (int i = 0; i < 3; i++) {
      var again = new SpoolFixture(disk, 2 + i).openAndSettle();
      assertThat(again.recovered).containsOnlyKeys(SpoolFixture.key(1, 0));
      again.close();
    }
  }

  /** First LSNs of the segments that are in use, by which one use is told from the next. */
  private NavigableSet<Long> uses() {
    var uses = new TreeSet<Long>();
    for (var file : disk.files()) {
      if (SegmentHeader.read(ByteBuffer.wrap(disk.bytes(file)))
          instanceof SegmentHeader.Read.Valid(var header)) {
        uses.add(header.firstLsn());
      }
    }
    return uses;
  }

  @Test
  void refusedNotificationSettlesNothing() {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(1, 1, 500);
    spool.platform.advanceMillis(250);
    disk.faults((operation, number, file) -> DiskFailure.Kind.IO);
    var answer = spool.postSettling(NOTICE, octets(1), SpoolFixture.failed(1, 0));
    spool.platform.settle();
    assertThat(answer.refusal).isEqualTo(SpoolRefusal.SEALED);
    spool.die();
    disk.faults((operation, number, file) -> null);
    disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.recovered).containsOnlyKeys(SpoolFixture.key(1, 0));
    again.close();
  }

  /** Several segments, large and small notifications, recycling. */
  private static void scenario(SpoolFixture spool, Map<Integer, SpoolFixture.Answer> notices) {
    spool.openAndSettle();
    for (int i = 1; i <= 18; i++) {
      spool.commit(i, 1, 6_000);
      spool.spool().outcome(SpoolFixture.id(i), 0, SpoolFixture.outcome(Kind.WAITING, 1));
      if (i % 3 == 0) {
        spool.platform.advanceMillis(20);
      }
      if (i % 2 == 0) {
        var octets = SpoolFixture.octets(i, i % 6 == 0 ? 30_000 : 900);
        int number = NOTICE + i;
        notices.put(i, spool.postSettling(number, octets, SpoolFixture.failed(i, 0)));
        spool.platform.settle();
      }
      if (i % 8 == 0) {
        spool.delivered(NOTICE + i, 0);
        spool.delivered(i - 3, 0);
        spool.platform.advanceMillis(120);
      }
    }
    spool.spool().close();
  }

  @ParameterizedTest
  @EnumSource(CrashMode.class)
  void powerCutAtAnyOperationLeavesTheMessageOrItsNotification(CrashMode mode) {
    var counting = new SpoolFixture(new SimDisk(), 7);
    scenario(counting, new TreeMap<>());
    counting.die();
    long operations = counting.disk.operations();
    assertThat(operations).isBetween(60L, 5000L);
    for (long cut = 1; cut <= operations; cut++) {
      var cutDisk = new SimDisk();
      cutDisk.tearBlocks(cut % 2 == 0);
      var spool = new SpoolFixture(cutDisk, 7);
      var notices = new TreeMap<Integer, SpoolFixture.Answer>();
      cutDisk.cutPowerAt(cut);
      try {
        scenario(spool, notices);
        fail("the power was not cut at operation " + cut);
      } catch (SimDisk.PowerCut expected) {
        assertThat(cutDisk.isOff()).isTrue();
      }
      spool.die();
      cutDisk.crash(mode, new SplittableRandom(cut));
      var after = new SpoolFixture(cutDisk, 8).openAndSettle();
      check(after, notices, "power cut at operation " + cut + " of " + operations);
      after.close();
    }
  }

  private static void check(
      SpoolFixture after, Map<Integer, SpoolFixture.Answer> notices, String what) {
    notices.forEach(
        (number, answer) -> {
          boolean original = after.recovered.containsKey(SpoolFixture.key(number, 0));
          boolean notice = after.recovered.containsKey(SpoolFixture.key(NOTICE + number, 0));
          boolean delivered = number % 8 == 0;
          assertThat(original && notice).as("both of %d, %s", number, what).isFalse();
          assertThat(original || notice || delivered).as("none of %d, %s", number, what).isTrue();
          if (answer.committed) {
            assertThat(original).as("%d came back, %s", number, what).isFalse();
          }
        });
    assertThat(after.lines)
        .as("a stop never looks like damage, " + what)
        .noneMatch(line -> line.startsWith("ERROR"));
  }

  @Test
  void segmentsOfTheVersionBeforeAreRead() throws DiskFailure {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(1, 1, 500);
    spool.commit(2, 1, 500);
    spool.delivered(1, 0);
    spool.close();
    for (var path : disk.files()) {
      if (path.toString().endsWith(".fws")) {
        lowerVersion(path);
      }
    }
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.lines).isEmpty();
    assertThat(again.recovered).containsOnlyKeys(SpoolFixture.key(2, 0));
    again.postSettling(NOTICE, octets(2), SpoolFixture.failed(2, 0));
    again.platform.settle();
    again.close();
    var last = new SpoolFixture(disk, 3).openAndSettle();
    assertThat(last.recovered).containsOnlyKeys(SpoolFixture.key(NOTICE, 0));
    last.close();
  }

  private void lowerVersion(Path path) throws DiskFailure {
    try (var file = disk.openWrite(path)) {
      for (int at : new int[] {0, SegmentHeader.SECOND_COPY}) {
        var copy = ByteBuffer.allocate(SegmentHeader.COPY_BYTES);
        file.read(copy, at);
        if (copy.getLong(0) == 0) {
          continue;
        }
        assertThat(copy.getShort(8)).isEqualTo((short) SegmentHeader.VERSION);
        copy.putShort(8, (short) 1);
        var crc = new CRC32C();
        crc.update(copy.slice(0, 60));
        file.write(copy.putInt(60, (int) crc.getValue()).flip(), at);
      }
      file.force();
    }
  }
}
