package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.junit.jupiter.api.Test;

/** Segments that keep few survivors are emptied, and the survivors are what they were. */
class CompactionTest {
  private static final int MAILS = 600;
  private static final int OCTETS = 2_000;

  private final SimDisk disk = new SimDisk();

  /** Commits many and delivers all but each tenth. */
  private static Set<String> fewSurvive(SpoolFixture spool) {
    var survivors = new TreeSet<String>();
    for (int i = 0; i < MAILS; i++) {
      spool.post(1_000 + i, 1, SpoolFixture.octets(1_000 + i, OCTETS));
      if (i % 5 == 4) {
        spool.platform.settle();
      }
    }
    for (int i = 0; i < MAILS; i++) {
      if (i % 10 == 0) {
        survivors.add(SpoolFixture.key(1_000 + i, 0));
      } else {
        spool.delivered(1_000 + i, 0);
      }
      if (i % 50 == 0) {
        spool.platform.advanceMillis(120);
      }
    }
    spool.platform.advanceMillis(5_000);
    return survivors;
  }

  private static void allAreWhole(SpoolFixture spool) {
    for (int i = 0; i < MAILS; i += 10) {
      assertThat(spool.load(1_000 + i)).isEqualTo(SpoolFixture.octets(1_000 + i, OCTETS));
    }
  }

  @Test
  void segmentsWithFewSurvivorsAreFreedAndTheSurvivorsAreWhole() {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    var survivors = fewSurvive(spool);
    // They fill two segments and a half; one is active, one may be half moved.
    assertThat(spool.log().segmentsInUse()).isLessThanOrEqualTo(5);
    allAreWhole(spool);
    spool.close();
    for (int life = 2; life < 4; life++) {
      var again = new SpoolFixture(disk, life).openAndSettle();
      assertThat(again.recovered.keySet()).isEqualTo(survivors);
      allAreWhole(again);
      assertThat(again.lines).isEmpty();
      again.close();
    }
  }

  @Test
  void withoutCompactionTheyStay() {
    var spool = SpoolFixture.withoutCompaction(disk, 1).openAndSettle();
    fewSurvive(spool);
    assertThat(spool.log().segmentsInUse()).isGreaterThan(15);
    spool.close();
  }

  @Test
  void movedTransactionKeepsItsRecipientsStatesAndItsChunks() {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(1, 3, 40_000);
    var waiting = SpoolFixture.outcome(StoredOutcome.Kind.WAITING, 4);
    spool.spool().outcome(SpoolFixture.id(1), 0, waiting);
    spool.delivered(1, 1);
    spool.platform.advanceMillis(200);
    long before = moved(spool);
    fewSurvive(spool);
    assertThat(moved(spool)).isGreaterThan(before + 40_000);
    spool.die();
    disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.stub(1, 0).attempts()).isEqualTo(4);
    assertThat(again.stub(1, 0).dueMicros()).isEqualTo(4_000_000);
    assertThat(again.stub(1, 2).attempts()).isZero();
    assertThat(again.recovered).doesNotContainKey(SpoolFixture.key(1, 1));
    assertThat(again.load(1)).isEqualTo(SpoolFixture.octets(1, 40_000));
    assertThat(again.envelope(SpoolFixture.id(1)).fields().get(2))
        .isEqualTo(SpoolFixture.fields(9));
    again.close();
  }

  @Test
  void itEndsWhereNothingMoreIsToBeGained() {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    // Three of their chunks fit into a segment, and a quarter of each stays free whoever packs
    // them.
    for (int i = 1; i <= 12; i++) {
      spool.commit(i, 1, 32_768);
    }
    spool.commit(100, 1, 1_000);
    spool.platform.advanceMillis(5_000);
    long moved = moved(spool);
    spool.platform.advanceMillis(60_000);
    assertThat(moved(spool)).isEqualTo(moved);
    // After a stop the last segments are hardly filled, and are put together once.
    spool.close();
    var again = new SpoolFixture(disk, 2).openAndSettle();
    again.platform.advanceMillis(5_000);
    long movedAgain = moved(again);
    again.platform.advanceMillis(60_000);
    assertThat(moved(again)).isEqualTo(movedAgain);
    for (int i = 1; i <= 12; i++) {
      assertThat(again.load(i)).isEqualTo(SpoolFixture.octets(i, 32_768));
    }
    again.close();
  }

  private static long moved(SpoolFixture spool) {
    return spool.log().statistics().counters().stream()
        .filter(counter -> counter.name().equals("flywheel_spool_compaction_bytes_total"))
        .findFirst()
        .orElseThrow()
        .value();
  }
}
