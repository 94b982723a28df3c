package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.junit.jupiter.api.Test;

/** Octets that change on the disk are found, and cost nothing but themselves. */
class DamageTest {
  private static final int TRANSACTIONS = 4;

  private static SimDisk small() {
    var disk = new SimDisk();
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    for (int i = 0; i < TRANSACTIONS; i++) {
      spool.commit(i, 1, 90);
    }
    spool.delivered(3, 0);
    spool.platform.advanceMillis(300);
    // Not stopped in order, so that the next start reads all of it.
    spool.die();
    disk.crash(CrashMode.KEPT, new SplittableRandom(1));
    return disk;
  }

  private static Path inUse(SimDisk disk) {
    return disk.files().stream()
        .filter(file -> disk.bytes(file).length == SpoolFixture.SEGMENT_BYTES)
        .filter(file -> disk.bytes(file)[0] != 0)
        .findFirst()
        .orElseThrow();
  }

  /** Where the last octet that is not zero stands. */
  private static int used(byte[] bytes) {
    int at = bytes.length;
    while (bytes[at - 1] == 0) {
      at--;
    }
    return at;
  }

  private static boolean isZero(byte[] bytes, int from) {
    return Arrays.mismatch(bytes, from, from + 64, new byte[64], 0, 64) < 0;
  }

  @Test
  void everyFlippedOctetIsFoundOrHarmlessAndItsNeighboursLive() {
    var original = small();
    var segment = inUse(original);
    int used = used(original.bytes(segment));
    assertThat(used).isLessThan(10 * SegmentHeader.BLOCK_BYTES);
    int found = 0;
    for (int at = 0; at < used + 128; at++) {
      if (at % 256 != 0 && isZero(original.bytes(segment), at / 64 * 64)) {
        // Between the copies of the header, and up to the end of a block, all zeros are alike.
        continue;
      }
      var disk = original.copy();
      disk.flip(segment, at, 1 << (at % 8));
      var spool = new SpoolFixture(disk, 2).openAndSettle();
      var keys = spool.recovered.keySet();
      boolean reported = spool.lines.stream().anyMatch(line -> line.startsWith("ERROR"));
      found += reported ? 1 : 0;
      // A damaged outcome revives its own message; a damaged transaction loses its own.
      long own = keys.contains(SpoolFixture.key(3, 0)) ? 1 : 0;
      long lost = 3 - (keys.size() - own);
      assertThat(own + lost).as("octet " + at).isLessThanOrEqualTo(1);
      if (own + lost > 0) {
        assertThat(spool.lines).as("octet " + at).hasSize(1);
        assertThat(disk.files()).anyMatch(file -> file.startsWith("/spool/quarantine"));
      }
      for (int i = 0; i < 3; i++) {
        if (keys.contains(SpoolFixture.key(i, 0))) {
          assertThat(spool.load(i)).as("octet " + at).isEqualTo(SpoolFixture.octets(i, 90));
        }
      }
      spool.close();
    }
    assertThat(found).isGreaterThan(1000);
  }

  @Test
  void damageIsReportedOnceAndQuarantined() {
    var disk = small();
    disk.flip(inUse(disk), SegmentHeader.RECORDS_AT + 70, 1);
    var spool = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(spool.lines).hasSize(1).first().asString().startsWith("ERROR").contains("damaged");
    spool.close();
    var again = new SpoolFixture(disk, 3).openAndSettle();
    assertThat(again.lines).isEmpty();
    assertThat(again.recovered).hasSize(2);
    again.close();
  }

  @Test
  void tornTailIsNoDamage() {
    int torn = 0;
    for (int seed = 0; seed < 20; seed++) {
      var disk = new SimDisk();
      var spool = new SpoolFixture(disk, 1).openAndSettle();
      spool.commit(1, 1, 100);
      // The write is done; the power goes with the force.
      disk.cutPowerAt(disk.operations() + 2);
      try {
        spool.commit(2, 1, 9_000);
      } catch (SimDisk.PowerCut expected) {
        assertThat(disk.isOff()).isTrue();
      }
      spool.die();
      disk.crash(CrashMode.TORN, new SplittableRandom(seed));
      var again = new SpoolFixture(disk, 2).openAndSettle();
      assertThat(again.recovered.keySet())
          .contains(SpoolFixture.key(1, 0))
          .isSubsetOf(SpoolFixture.key(1, 0), SpoolFixture.key(2, 0));
      assertThat(again.lines).allMatch(line -> line.startsWith("WARNING"));
      torn += again.lines.size();
      again.close();
    }
    assertThat(torn).isGreaterThan(5);
  }

  @Test
  void damageBehindForcedRecordsIsDamageEvenIfItLooksLikeAnEnd() {
    var disk = small();
    var segment = inUse(disk);
    var bytes = disk.bytes(segment);
    // The last records are gone without a trace, but for the mark that names them as forced.
    int mark = (used(bytes) - 1) / 64 * 64;
    Arrays.fill(bytes, SegmentHeader.RECORDS_AT + 448, mark, (byte) 0);
    disk.put(segment, bytes);
    var spool = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(spool.lines).hasSize(1).first().asString().startsWith("ERROR");
    spool.close();
  }

  @Test
  void contentThatImitatesRecordsIsContent() {
    var disk = small();
    var segment = inUse(disk);
    // A mail carries a copy of the segment that it is itself kept in.
    var copy = Arrays.copyOfRange(disk.bytes(segment), SegmentHeader.RECORDS_AT, 13_000);
    var spool = new SpoolFixture(disk, 2).openAndSettle();
    var live = disk.files().getLast();
    spool.commit(20, 1, 100);
    var own = Arrays.copyOfRange(disk.bytes(live), SegmentHeader.RECORDS_AT, 10_000);
    var octets = ByteBuffer.allocate(copy.length + own.length).put(copy).put(own).array();
    spool.post(21, 1, octets);
    spool.commit(22, 1, 100);
    var files = disk.files();
    spool.close();
    for (var file : files) {
      var bytes = disk.bytes(file);
      for (int at = SegmentHeader.RECORDS_AT; at + 64 < bytes.length; at += 64) {
        var damaged = disk.copy();
        damaged.flip(file, at + 3, 1);
        if (bytes[at] == 0 || damaged.bytes(file)[at + 28] != RecordHeader.TRANSACTION) {
          continue;
        }
        var again = new SpoolFixture(damaged, 3).openAndSettle();
        assertThat(again.recovered.keySet())
            .isSubsetOf(
                SpoolFixture.key(0, 0),
                SpoolFixture.key(1, 0),
                SpoolFixture.key(2, 0),
                SpoolFixture.key(20, 0),
                SpoolFixture.key(21, 0),
                SpoolFixture.key(22, 0));
        again.close();
      }
    }
  }

  @Test
  void damageThatIsFirstSeenAtADeliveryIsSetAsideToo() {
    var disk = new SimDisk();
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(1, 1, 500);
    spool.commit(2, 1, 500);
    spool.close();
    disk.flip(inUse(disk), SegmentHeader.RECORDS_AT + 200, 1);
    var again = SpoolFixture.withoutVerification(disk, 2).openAndSettle();
    // The checkpoint was believed.
    assertThat(again.recovered).hasSize(2);
    assertThat(again.lines).isEmpty();
    assertThat(again.load(1)).asString().contains("damaged");
    again.platform.advanceMillis(100);
    assertThat(again.lines).singleElement().asString().startsWith("ERROR").contains("damaged");
    assertThat(disk.files()).anyMatch(file -> file.startsWith("/spool/quarantine"));
    assertThat(again.load(1)).asString().contains("damaged");
    assertThat(again.load(2)).isEqualTo(SpoolFixture.octets(2, 500));
    again.delivered(1, 0);
    again.platform.advanceMillis(300);
    assertThat(again.lines).hasSize(1);
    again.close();
  }

  @Test
  void missingChunkLosesItsTransactionAlone() {
    var disk = new SimDisk();
    var spool = new SpoolFixture(disk, 1).openAndSettle();
    spool.commit(1, 1, 100);
    spool.commit(2, 1, 40_000);
    spool.commit(3, 1, 100);
    spool.platform.advanceMillis(200);
    spool.die();
    disk.crash(CrashMode.KEPT, new SplittableRandom(1));
    disk.flip(inUse(disk), SegmentHeader.RECORDS_AT + 10_000, 1);
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.recovered).containsOnlyKeys(SpoolFixture.key(1, 0), SpoolFixture.key(3, 0));
    assertThat(again.lines).hasSize(2).allMatch(line -> line.startsWith("ERROR"));
    again.close();
  }
}
