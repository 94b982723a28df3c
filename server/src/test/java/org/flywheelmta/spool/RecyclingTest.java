package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.message.Fields;
import org.junit.jupiter.api.Test;

/** Segments go round, and nothing comes back that was finished. */
class RecyclingTest {
  private static final int WAITING = 1;
  private final SimDisk disk = new SimDisk(16 * SpoolFixture.SEGMENT_BYTES);

  @Test
  void twoHundredTurnsReviveNothingAndCarryTheOneThatWaits() {
    long pinned = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(WAITING, 2, 3000);
    var amended = Fields.NONE.with(15, new byte[] {4}).with(61_000, new byte[] {5, 6});
    var wait = StoredOutcome.Kind.WAITING;
    spool
        .spool()
        .outcome(SpoolFixture.id(WAITING), 0, new StoredOutcome(wait, 1, 5, 6, "450 a", amended));
    int next = 100;
    for (int i = 0; i < 200; i++) {
      next = spool.turn(next);
      if (i == 20) {
        spool.delivered(WAITING, 1);
        var again = new StoredOutcome(wait, 3, 77, 8, "450 \u00e9", Fields.NONE);
        spool.spool().outcome(SpoolFixture.id(WAITING), 0, again);
      }
      if (i % 20 == 19) {
        spool.close();
        spool = new SpoolFixture(disk, i).openAndSettle();
        assertThat(spool.lines).isEmpty();
        if (i > 20) {
          assertThat(spool.recovered).containsOnlyKeys(SpoolFixture.key(WAITING, 0));
          var message = spool.message(WAITING, 0);
          assertThat(message.attempts()).isEqualTo(3);
          assertThat(message.dueMicros()).isEqualTo(77);
          assertThat(message.fields().value(15)).containsExactly(4);
          assertThat(message.fields().value(61_000)).containsExactly(5, 6);
          assertThat(spool.load(WAITING)).isEqualTo(SpoolFixture.octets(WAITING, 3000));
        }
      }
    }
    assertThat(disk.files()).hasSizeLessThan(10);
    spool.close();
    assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory()).isEqualTo(pinned);
  }

  @Test
  void finalOutcomeInAnotherSegmentIsRestatedBeforeThatIsRecycled() {
    var spool = SpoolFixture.withoutCompaction(disk, 1).openAndSettle();
    // One of them keeps the first segment; the other finishes in a later one, which is recycled.
    spool.commit(1, 1, 100);
    spool.commit(2, 1, 100);
    int next = spool.turn(100);
    next = spool.turn(next);
    spool.delivered(2, 0);
    var files = new TreeSet<String>();
    for (int i = 0; i < 10; i++) {
      next = spool.turn(next);
      disk.files().forEach(file -> files.add(file.toString()));
    }
    assertThat(files).hasSizeLessThan(8);
    spool.close();
    for (int i = 0; i < 3; i++) {
      var again = new SpoolFixture(disk, 2 + i).openAndSettle();
      assertThat(again.recovered).containsOnlyKeys(SpoolFixture.key(1, 0));
      again.close();
    }
  }

  @Test
  void restatingNeverBringsAnOlderStateBack() {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    var waiting = StoredOutcome.Kind.WAITING;
    spool.commit(1, 1, 100);
    spool.commit(2, 1, 100);
    int next = spool.turn(100);
    spool.spool().outcome(SpoolFixture.id(1), 0, SpoolFixture.outcome(waiting, 1));
    spool.spool().outcome(SpoolFixture.id(2), 0, SpoolFixture.outcome(waiting, 1));
    // This one keeps the segment of those states, until one of them has moved on.
    spool.commit(3, 1, 100);
    next = spool.turn(next);
    spool.spool().outcome(SpoolFixture.id(1), 0, SpoolFixture.outcome(waiting, 2));
    next = spool.turn(next);
    spool.delivered(3, 0);
    for (int i = 0; i < 6; i++) {
      next = spool.turn(next);
    }
    spool.close();
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.message(1, 0).attempts()).isEqualTo(2);
    assertThat(again.message(2, 0).attempts()).isEqualTo(1);
    again.close();
  }

  @Test
  void dedupeRecordsOutliveTheirSegment() {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(1, 1, 100);
    spool.platform.advanceMillis(300);
    // Without a checkpoint, so that what is written over below is read.
    spool.die();
    disk.crash(CrashMode.KEPT, new SplittableRandom(1));
    makeDedupe();
    spool = new SpoolFixture(disk, 2).openAndSettle();
    spool.delivered(1, 0);
    int next = 100;
    for (int i = 0; i < 10; i++) {
      next = spool.turn(next);
    }
    spool.close();
    assertThat(disk.files().stream().mapToInt(this::dedupes).sum()).isEqualTo(1);
  }

  /** Makes a dedupe record of the last mark; its payload is empty. */
  private void makeDedupe() {
    for (var file : disk.files()) {
      var bytes = disk.bytes(file);
      var view = ByteBuffer.wrap(bytes);
      var header = new RecordHeader();
      for (int at = SegmentHeader.RECORDS_AT; at < bytes.length; at += 64) {
        long incarnation = view.getLong(16);
        if (incarnation != 0
            && header.decode(view, at, incarnation)
            && header.kind == RecordHeader.MARK) {
          header.kind = RecordHeader.DEDUPE;
          header.idLow = 4711;
          header.encode(view, at);
          disk.put(file, bytes);
        }
      }
    }
    assertThat(disk.files().stream().mapToInt(this::dedupes).sum()).isEqualTo(1);
  }

  private int dedupes(Path file) {
    var view = ByteBuffer.wrap(disk.bytes(file));
    var header = new RecordHeader();
    int count = 0;
    for (int at = SegmentHeader.RECORDS_AT; at < view.capacity(); at += 64) {
      long incarnation = view.getLong(16);
      if (incarnation != 0
          && header.decode(view, at, incarnation)
          && header.kind == RecordHeader.DEDUPE) {
        assertThat(header.idLow).isEqualTo(4711);
        count++;
      }
    }
    return count;
  }

  @Test
  void readKeepsItsSegmentUntilItIsOver() {
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(1, 1, 5000);
    var octets = spool.load(1);
    spool.delivered(1, 0);
    spool.turn(spool.turn(100));
    assertThat(octets).isEqualTo(SpoolFixture.octets(1, 5000));
    assertThat(spool.load(1)).asString().contains("no recipient");
    spool.close();
  }
}
