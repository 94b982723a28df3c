package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.junit.jupiter.api.Test;

/** A dedupe key is known whichever of several volumes has its transaction. */
class VolumeKeysTest {
  private static final int KEYS = 20;

  private final SimDisk disk = new SimDisk(64L * SpoolFixture.SEGMENT_BYTES);

  private SpoolFixture open(long seed) {
    return SpoolFixture.ofVolumes(disk, seed, 3).openAndSettle();
  }

  private static SpoolFixture.Answer commit(SpoolFixture spool, int number, String key) {
    return spool.commitKeyed(number, 700, key);
  }

  @Test
  void resendIsAnsweredWithTheFirstOnWhicheverVolumeEitherWouldBe() {
    var spool = open(1);
    for (int i = 1; i <= KEYS; i++) {
      assertThat(commit(spool, i, "key " + i).committed).isTrue();
    }
    for (int round = 1; round <= 3; round++) {
      for (int i = 1; i <= KEYS; i++) {
        var again = commit(spool, 100 * round + i, "key " + i);
        assertThat(again.first).isEqualTo(SpoolFixture.id(i));
        assertThat(again.contentIsFree()).isTrue();
      }
      spool.die();
      disk.crash(CrashMode.DROPPED, new SplittableRandom(round));
      spool = open(1 + round);
      assertThat(spool.recovered).hasSize(KEYS);
    }
    spool.close();
  }

  @Test
  void ofTwoThatComeAtOnceOneIsTaken() {
    var spool = open(1);
    var answers = new ArrayList<SpoolFixture.Answer>();
    for (int i = 1; i <= KEYS; i++) {
      answers.add(spool.postKeyed(i, SpoolFixture.octets(i, 700), "the key"));
    }
    spool.platform.settle();
    assertThat(answers).filteredOn(answer -> answer.committed).hasSize(1);
    assertThat(answers).filteredOn(answer -> answer.first != null).hasSize(KEYS - 1);
    spool.die();
    disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
    spool = open(2);
    assertThat(spool.recovered).hasSize(1);
    spool.close();
  }

  @Test
  void soManyMayWaitForTheirKeysAndNoMore() {
    var spool = open(1);
    for (int round = 0; round < 2; round++) {
      var answers = new ArrayList<SpoolFixture.Answer>();
      // A quarter of the commits that may wait for a volume of a fixture, and ten more.
      for (int i = 0; i < 2_510; i++) {
        int number = 10_000 * (round + 1) + i;
        answers.add(spool.postKeyed(number, new byte[1], "key " + number));
      }
      spool.platform.settle();
      assertThat(answers).filteredOn(answer -> answer.committed).hasSize(2_500);
      assertThat(answers)
          .filteredOn(answer -> answer.refusal == SpoolRefusal.FULL)
          .hasSize(10)
          .allMatch(SpoolFixture.Answer::contentIsFree);
    }
    spool.die();
  }

  @Test
  void resendWhileVolumesRecoverWaitsForThem() {
    var spool = open(1);
    commit(spool, 1, "the key");
    spool.die();
    disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
    spool = SpoolFixture.ofVolumes(disk, 2, 3).open();
    var again = spool.postKeyed(2, SpoolFixture.octets(2, 700), "the key");
    spool.platform.settle();
    assertThat(again.first).isEqualTo(SpoolFixture.id(1));
    spool.close();
  }

  @Test
  void partsOfAResendAreDropped() {
    var spool = open(1);
    commit(spool, 1, "the key");
    var part = Unpooled.copiedBuffer(SpoolFixture.octets(2, 9_000));
    spool.spool().append(SpoolFixture.id(2), part, spool.scheduler(), () -> {});
    var answer = new SpoolFixture.Answer(null);
    spool
        .spool()
        .commitChunked(
            SpoolFixture.keyed(2, 9_100, "the key"),
            Unpooled.copiedBuffer(SpoolFixture.octets(3, 100)),
            spool.scheduler(),
            answer);
    spool.platform.settle();
    assertThat(answer.first).isEqualTo(SpoolFixture.id(1));
    spool.close();
    spool = open(2);
    assertThat(spool.recovered).hasSize(1);
    spool.close();
  }

  @Test
  void keyOfAVolumeThatFailedIsRefusedAndOthersAreTaken() {
    var spool = open(1);
    for (int i = 1; i <= KEYS; i++) {
      commit(spool, i, "key " + i);
    }
    var failing = SpoolFixture.volume(1);
    disk.faults(
        (operation, number, file) ->
            List.of(Operation.WRITE, Operation.FORCE).contains(operation)
                    && file.startsWith(failing)
                ? DiskFailure.Kind.IO
                : null);
    int next = 200;
    while (spool.lines.stream().noneMatch(line -> line.contains("other volumes go on"))) {
      spool.commit(next++);
    }
    int refused = 0;
    for (int i = 1; i <= KEYS; i++) {
      var again = commit(spool, 500 + i, "key " + i);
      assertThat(again.committed).as("taken twice").isFalse();
      refused += again.refusal == SpoolRefusal.SEALED ? 1 : 0;
    }
    assertThat(refused).isBetween(1, KEYS - 1);
    assertThat(commit(spool, 600, "another key").committed).isTrue();
    spool.die();
  }
}
