package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.flywheelmta.base.Admission;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.message.Fields;
import org.junit.jupiter.api.Test;

/** The last segment of a full disk is for outcomes, since only they make room again. */
class ReserveTest {
  private static final int EARLY = 1;
  private static final int PIN = 2;
  private static final int SURVIVOR = 100;
  private static final int EARLY_RECIPIENTS = 120;
  // With the first two, what fills one segment so far that no survivor goes there.
  private static final int STATES = 52;

  private final SimDisk disk = new SimDisk(8 * SpoolFixture.SEGMENT_BYTES);
  private final SpoolFixture spool = SpoolFixture.withoutCompaction(disk, 1).openAndSettle();

  private void waits(int from, int to) {
    var reply = "450 " + "x".repeat(400);
    for (int i = from; i < to; i++) {
      var state = new StoredOutcome(StoredOutcome.Kind.WAITING, 1, 5, 6, reply, Fields.NONE);
      spool.spool().outcome(SpoolFixture.id(EARLY), i, state);
    }
    spool.platform.advanceMillis(250);
  }

  /** Fills the disk; a segment in the middle holds little but states of the first transaction. */
  private int fill() {
    spool.commit(EARLY, EARLY_RECIPIENTS, 100);
    spool.commit(3, 1, 11_000);
    spool.commit(4, 1, 11_000);
    spool.commit(5, 1, 11_000);
    spool.commit(PIN, 1, 12_000);
    waits(0, STATES);
    int last = SURVIVOR;
    while (spool.commit(last, 1, 10_000).committed) {
      last++;
      assertThat(last).isLessThan(SURVIVOR + 100);
    }
    assertThat(spool.spool().level()).isEqualTo(Admission.Level.REFUSING);
    // Others on the volume take what was left of it, so nothing but the last segment remains.
    disk.put(Path.of("/ballast"), new byte[(int) disk.freeBytes(SpoolFixture.FOLDER)]);
    return last;
  }

  @Test
  void restatesNeverTakeTheReserveFromOutcomes() {
    int last = fill();
    // Into the reserve, so that the states below do not fit there as a whole.
    waits(STATES, EARLY_RECIPIENTS);
    spool.delivered(PIN, 0);
    spool.platform.advanceMillis(1_500);
    assertThat(spool.spool().level()).isEqualTo(Admission.Level.REFUSING);
    for (int i = SURVIVOR; i < last; i++) {
      spool.delivered(i, 0);
    }
    for (int i = 3; i <= 5; i++) {
      spool.delivered(i, 0);
    }
    spool.platform.advanceMillis(3_000);
    assertThat(spool.spool().level()).isEqualTo(Admission.Level.OPEN);
    assertThat(spool.commit(9, 1, 10_000).committed).isTrue();
    spool.close();
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.recovered).hasSize(EARLY_RECIPIENTS + 1);
    assertThat(again.message(EARLY, 3).attempts()).isEqualTo(1);
    assertThat(again.recovered).containsKey(SpoolFixture.key(9, 0));
    assertThat(again.lines).isEmpty();
    again.close();
  }

  @Test
  void restatesUseTheReserveWhereThatGivesTheirSegmentBack() {
    fill();
    var ofStates = SpoolFolder.segment(SpoolFixture.FOLDER, 2);
    assertThat(disk.bytes(ofStates)[0]).isNotZero();
    spool.delivered(PIN, 0);
    spool.platform.advanceMillis(3_000);
    // Nothing else was delivered: the segment is blank by what was restated alone.
    assertThat(disk.bytes(ofStates)[0]).isZero();
    spool.close();
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.message(EARLY, STATES - 1).attempts()).isEqualTo(1);
    again.close();
  }
}
