package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Segments go round a thousand times and more, with crashes between: what an earlier use of one
 * held never comes back. All mails are of one length, so that what is left of an earlier use stands
 * where the next one has its records.
 */
final class ReviveTest {
  private static final int WAITING = 1;
  private static final int LENGTH = 9_000;
  private static final int A_TURN = 6;
  private static final int TURNS = 360;
  private static final int FILES_AT_MOST = 12;

  private final SimDisk disk = new SimDisk(12L * SpoolFixture.SEGMENT_BYTES);

  /** Fills and finishes about one segment. */
  private static int turn(SpoolFixture spool, int from) {
    for (int i = from; i < from + A_TURN; i++) {
      assertThat(spool.commit(i, 1, LENGTH).committed).isTrue();
      spool.delivered(i, 0);
    }
    spool.platform.advanceMillis(115);
    return from + A_TURN;
  }

  /** A stop in one of five ways. */
  private SpoolFixture stopAndStart(SpoolFixture spool, SplittableRandom random, long seed) {
    int way = random.nextInt(5);
    if (way == 4) {
      spool.close();
    } else {
      spool.die();
      disk.tearBlocks(random.nextBoolean());
      if (way == 3) {
        disk.killProcess();
      } else {
        disk.crash(List.of(CrashMode.values()).get(way), random);
      }
    }
    return new SpoolFixture(disk, seed).openAndSettle();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void earlierUseOfASegmentNeverRevivesAMail(long seed) {
    var random = new SplittableRandom(seed);
    var spool = new SpoolFixture(disk, seed).openAndSettle();
    spool.commit(WAITING, 1, LENGTH);
    int next = 100;
    for (int turn = 1; turn <= TURNS; turn++) {
      next = turn(spool, next);
      if (random.nextInt(8) > 0) {
        continue;
      }
      // These may come back, since their outcomes are young.
      int young = next;
      for (int i = 0; i < 3; i++) {
        spool.commit(next, 1, LENGTH);
        spool.delivered(next++, 0);
      }
      spool = stopAndStart(spool, random, seed * TURNS + turn);
      var back = new TreeSet<>(spool.recovered.keySet());
      var what = "turn %d of seed %d".formatted(turn, seed);
      assertThat(back.remove(SpoolFixture.key(WAITING, 0))).as(what).isTrue();
      for (int number = young; number < next; number++) {
        if (back.remove(SpoolFixture.key(number, 0))) {
          spool.delivered(number, 0);
        }
      }
      assertThat(back).as("came back, " + what).isEmpty();
    }
    assertThat(spool.load(WAITING)).isEqualTo(SpoolFixture.octets(WAITING, LENGTH));
    // A few files took what would fill so many segments: each was used again and again.
    assertThat((long) (next - 100) * LENGTH / SpoolFixture.SEGMENT_BYTES).isGreaterThan(280);
    assertThat(disk.files()).hasSizeLessThanOrEqualTo(FILES_AT_MOST);
    spool.close();
  }
}
