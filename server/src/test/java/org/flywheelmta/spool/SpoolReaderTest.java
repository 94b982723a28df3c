package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.Operation;
import org.junit.jupiter.api.Test;

/** The tools see what is there and change nothing, on a running spool too. */
class SpoolReaderTest {
  private final SimDisk disk = new SimDisk();
  private final SpoolFixture spool = new SpoolFixture(disk, 1).openAndSettle();

  private long changes() {
    return disk.operations()
        - disk.count(Operation.READ)
        - disk.count(Operation.OPEN)
        - disk.count(Operation.LIST);
  }

  @Test
  void runningSpoolIsReadAndNotTouched() throws DiskFailure {
    spool.commit(1, 2, 500);
    spool.commit(2, 1, 40_000);
    spool.commit(3, 1, 10);
    spool
        .spool()
        .outcome(SpoolFixture.id(1), 0, SpoolFixture.outcome(StoredOutcome.Kind.WAITING, 4));
    spool.delivered(3, 0);
    spool.platform.advanceMillis(20);
    long before = changes();
    var reader = SpoolReader.read(disk, SpoolFixture.FOLDER);
    var waiting = new ArrayList<SpoolReader.Waiting>();
    reader.forEachWaiting(waiting::add);
    assertThat(waiting)
        .extracting(each -> each.id().toString())
        .containsExactly(SpoolFixture.key(1, 0), SpoolFixture.key(1, 1), SpoolFixture.key(2, 0));
    assertThat(waiting.getFirst().attempts()).isEqualTo(4);
    assertThat(waiting.getFirst().dueMicros()).isEqualTo(4_000_000);
    assertThat(waiting.getLast().contentBytes()).isEqualTo(40_000);
    var check = reader.check();
    assertThat(check.living()).isEqualTo(2);
    assertThat(check.dead()).isEqualTo(1);
    assertThat(check.problems()).isEmpty();
    var shown = reader.show(SpoolFixture.id(2)).orElseThrow();
    var octets = new byte[40_000];
    shown.content().bytes().getBytes(0, octets);
    shown.content().release();
    assertThat(octets).isEqualTo(SpoolFixture.octets(2, 40_000));
    assertThat(shown.transaction().fields()).isEqualTo(SpoolFixture.fields(2));
    assertThat(reader.show(SpoolFixture.id(9))).isEmpty();
    assertThat(changes()).isEqualTo(before);
    spool.close();
  }

  @Test
  void damageShowsInTheCheck() throws DiskFailure {
    spool.commit(1, 1, 500);
    spool.commit(2, 1, 500);
    spool.close();
    disk.flip(disk.files().getFirst(), SegmentHeader.RECORDS_AT + 100, 4);
    var reader = SpoolReader.read(disk, SpoolFixture.FOLDER);
    var check = reader.check();
    assertThat(check.damaged()).isEqualTo(1);
    assertThat(check.living()).isEqualTo(1);
    assertThat(check.tornTails()).isZero();
  }
}
