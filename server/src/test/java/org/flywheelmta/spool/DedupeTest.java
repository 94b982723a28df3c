package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.junit.jupiter.api.Test;

/** A mail that is sent again with its dedupe key is answered as the first time, and not kept. */
final class DedupeTest {
  private final SimDisk disk = new SimDisk();
  private int lives;

  private SpoolFixture open() {
    return new SpoolFixture(disk, ++lives).openAndSettle();
  }

  private SpoolFixture open(long retentionMillis, int mostKeys) {
    var dedupe = new SpoolSettings.Dedupe(retentionMillis * 1_000, mostKeys);
    return new SpoolFixture(disk, ++lives, SpoolFixture.SEGMENT_BYTES, SpoolFixture.UPKEEP, dedupe)
        .openAndSettle();
  }

  private SpoolFixture restarted(SpoolFixture spool) {
    spool.close();
    return open();
  }

  private SpoolFixture killed(SpoolFixture spool, CrashMode mode) {
    spool.die();
    disk.crash(mode, new SplittableRandom(lives));
    return open();
  }

  private static void isAgain(SpoolFixture.Answer answer, int first) {
    assertThat(answer.first).isEqualTo(SpoolFixture.id(first));
    assertThat(answer.contentIsFree()).isTrue();
  }

  @Test
  void secondOneIsAnsweredWithTheIdOfTheFirstAndNotKept() {
    var spool = open();
    assertThat(spool.commitKeyed(1, 500, "a").committed).isTrue();
    isAgain(spool.commitKeyed(2, 700, "a"), 1);
    assertThat(spool.commitKeyed(3, 500, "b").committed).isTrue();
    assertThat(spool.commit(4).committed).isTrue();
    assertThat(spool.load(2)).asString().contains("no recipient");
    for (var mode : List.of(CrashMode.DROPPED, CrashMode.KEPT)) {
      spool = killed(spool, mode);
      assertThat(spool.recovered)
          .containsOnlyKeys(SpoolFixture.key(1, 0), SpoolFixture.key(3, 0), SpoolFixture.key(4, 0));
      isAgain(spool.commitKeyed(10 + lives, 500, "a"), 1);
      isAgain(spool.commitKeyed(20 + lives, 500, "b"), 3);
    }
    spool = restarted(spool);
    isAgain(spool.commitKeyed(30, 500, "a"), 1);
    spool.close();
  }

  @Test
  void ofTwoInOneBatchOneIsKeptAndOneForceAnswersBoth() {
    var spool = open();
    spool.commit(9);
    long forces = spool.log().statistics().commitMicros().count();
    var first = spool.postKeyed(1, SpoolFixture.octets(1, 500), "a");
    var second = spool.postKeyed(2, SpoolFixture.octets(2, 500), "a");
    var long1 = spool.postKeyed(3, SpoolFixture.octets(3, 40_000), "b");
    var long2 = spool.postKeyed(4, SpoolFixture.octets(4, 40_000), "b");
    assertThat(second.answered()).isFalse();
    spool.platform.settle();
    assertThat(first.committed).isTrue();
    assertThat(long1.committed).isTrue();
    isAgain(second, 1);
    isAgain(long2, 3);
    assertThat(spool.log().statistics().commitMicros().count()).isEqualTo(forces + 2);
    spool = killed(spool, CrashMode.DROPPED);
    assertThat(spool.recovered)
        .containsOnlyKeys(SpoolFixture.key(1, 0), SpoolFixture.key(3, 0), SpoolFixture.key(9, 0));
    spool.close();
  }

  @Test
  void partsOfADuplicateHoldNoSegment() {
    var spool = open();
    spool.commitKeyed(1, 500, "a");
    spool.delivered(1, 0);
    int next = 100;
    for (int i = 0; i < 20; i++) {
      isAgain(spool.commitKeyed(1_000 + i, 40_000, "a"), 1);
      next = spool.turn(next);
    }
    assertThat(spool.log().segmentsInUse()).isLessThan(5);
    spool.close();
  }

  @Test
  void keyOutlivesItsMailItsSegmentAndManyRounds() throws DiskFailure {
    var spool = SpoolFixture.withoutCompaction(disk, ++lives).openAndSettle();
    for (int i = 1; i <= 5; i++) {
      spool.commitKeyed(i, 500, "key " + i);
      spool.delivered(i, 0);
    }
    // This one waits, and its key goes on without it.
    spool.commitKeyed(6, 500, "key 6");
    int next = 100;
    for (int i = 0; i < 60; i++) {
      next = spool.turn(next);
      if (i == 30) {
        spool.delivered(6, 0);
      }
      if (i % 7 == 0) {
        spool = i % 2 == 0 ? restarted(spool) : killed(spool, CrashMode.DROPPED);
        assertThat(spool.lines).isEmpty();
        for (int k = 1; k <= 6; k++) {
          isAgain(spool.commitKeyed(10_000 + 10 * i + k, 300, "key " + k), k);
        }
      }
    }
    assertThat(disk.files()).hasSizeLessThan(10);
    assertThat(spool.log().segmentsInUse()).isLessThan(5);
    spool.close();
    var left = SpoolFolder.read(disk, SpoolFixture.FOLDER, SpoolFixture.SEGMENT_BYTES).segments();
    assertThat(left).as("the segment that they came in is gone").isNotEmpty();
    assertThat(left.getFirst().header.epoch()).isGreaterThan(5);
  }

  @Test
  void keyOfAMailThatCompactionMovedIsKept() {
    var spool = open();
    for (int i = 0; i < 300; i++) {
      spool.commitKeyed(1_000 + i, 2_000, "key " + i);
      if (i % 10 > 0) {
        spool.delivered(1_000 + i, 0);
      }
      if (i % 20 == 0) {
        spool.platform.advanceMillis(120);
      }
    }
    spool.platform.advanceMillis(5_000);
    assertThat(compacted(spool)).isPositive();
    assertThat(spool.log().segmentsInUse()).isLessThan(7);
    for (int life = 0; life < 3; life++) {
      for (int i = 0; i < 300; i++) {
        isAgain(spool.commitKeyed(100_000 + 1_000 * life + i, 300, "key " + i), 1_000 + i);
      }
      spool = life == 0 ? restarted(spool) : killed(spool, CrashMode.DROPPED);
      assertThat(spool.recovered).hasSize(30);
    }
    spool.close();
    assertThat(disk.files()).hasSizeLessThan(14);
  }

  private static long compacted(SpoolFixture spool) {
    return spool.log().statistics().counters().stream()
        .filter(counter -> counter.name().contains("compacted"))
        .mapToLong(counter -> counter.value())
        .sum();
  }

  /** It is told once a second, by a pass that somebody asked for. */
  private static long keysKept(SpoolFixture spool) {
    spool.platform.advanceMillis(1_000);
    spool.delivered(0, 0);
    spool.platform.advanceMillis(20);
    return spool.log().statistics().dedupeKeys();
  }

  @Test
  void keyIsOverAfterItsTimeAndHoldsNoSegmentThen() {
    var spool = open(3_000, 1_000);
    for (int i = 0; i < 200; i++) {
      assertThat(spool.commitKeyed(i, 100, "key " + i).committed).isTrue();
      spool.delivered(i, 0);
    }
    isAgain(spool.commitKeyed(1_000, 100, "key 7"), 7);
    assertThat(keysKept(spool)).isEqualTo(200);
    int next = spool.turn(2_000);
    spool.turn(next);
    int before = spool.log().segmentsInUse();
    // Nobody asks for anything, and what they held comes free all the same.
    spool.platform.advanceMillis(4_500);
    assertThat(spool.log().segmentsInUse()).isLessThan(before);
    assertThat(keysKept(spool)).isZero();
    var late = spool.commitKeyed(6_000_000, 100, "key 7");
    assertThat(late.committed).isTrue();
    spool.close();
    spool = open(3_000, 1_000);
    assertThat(spool.commitKeyed(6_000_001, 100, "key 7").first)
        .isEqualTo(SpoolFixture.id(6_000_000));
    spool.close();
  }

  @Test
  void aboveTheirMostTheOldestGoFirstAlsoAtAStart() {
    var spool = open(1_000_000, 50);
    for (int i = 0; i < 120; i++) {
      assertThat(spool.commitKeyed(i, 100, "key " + i).committed).isTrue();
    }
    assertThat(keysKept(spool)).isEqualTo(50);
    isAgain(spool.commitKeyed(200, 100, "key 70"), 70);
    assertThat(spool.commitKeyed(201, 100, "key 69").committed).isTrue();
    spool.close();
    spool = open(1_000_000, 10);
    isAgain(spool.commitKeyed(300, 100, "key 69"), 201);
    isAgain(spool.commitKeyed(301, 100, "key 111"), 111);
    assertThat(spool.commitKeyed(302, 100, "key 110").committed).isTrue();
    spool.close();
    spool = open(1_000_000, 0);
    assertThat(spool.commitKeyed(400, 100, "key 119").committed).isTrue();
    assertThat(spool.commitKeyed(401, 100, "key 119").committed).isTrue();
    spool.close();
  }

  @Test
  void keyOfATransactionWhoseChunksAreNotWholeNeverCameToBe() {
    var spool = open();
    spool.commitKeyed(1, 40_000, "a");
    spool.commitKeyed(2, 300, "b");
    spool.platform.advanceMillis(300);
    spool.die();
    disk.crash(CrashMode.KEPT, new SplittableRandom(1));
    for (var file : disk.files()) {
      if (disk.bytes(file)[0] == 'F') {
        disk.flip(file, SegmentHeader.RECORDS_AT + 5_000, 1);
      }
    }
    spool = open();
    assertThat(spool.recovered).containsOnlyKeys(SpoolFixture.key(2, 0));
    isAgain(spool.commitKeyed(10, 300, "b"), 2);
    assertThat(spool.commitKeyed(11, 40_000, "a").committed).isTrue();
    spool = killed(spool, CrashMode.DROPPED);
    isAgain(spool.commitKeyed(12, 300, "a"), 11);
    spool.close();
  }

  @Test
  void afterAFailedForceNeitherIsAnsweredAndTheKeyIsFreeOnceTheMailIsGone() {
    var spool = open();
    spool.commitKeyed(1, 500, "old");
    disk.faults((op, number, file) -> op == Operation.FORCE ? DiskFailure.Kind.IO : null);
    var first = spool.postKeyed(2, SpoolFixture.octets(2, 500), "a");
    var second = spool.postKeyed(3, SpoolFixture.octets(3, 500), "a");
    spool.platform.settle();
    assertThat(first.refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(second.refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(spool.commitKeyed(4, 500, "a").refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(spool.commitKeyed(5, 500, "old").refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(second.contentIsFree()).isTrue();
    disk.noFaults();
    spool = killed(spool, CrashMode.DROPPED);
    assertThat(spool.recovered).containsOnlyKeys(SpoolFixture.key(1, 0));
    assertThat(spool.commitKeyed(6, 500, "a").committed).isTrue();
    isAgain(spool.commitKeyed(7, 500, "old"), 1);
    spool.close();
  }

  /** Notes the order of the answers. */
  private record Noting(List<String> order, String name) implements CommitCompletion {
    @Override
    public void onCommitted() {
      order.add(name + " is kept");
    }

    @Override
    public void onDuplicate(TransactionId first) {
      order.add(name + " is known");
    }

    @Override
    public void onRefused(SpoolRefusal refusal) {
      order.add(name + " " + refusal);
    }
  }

  private static void post(SpoolFixture spool, int number, String key, Noting noting) {
    var octets = key.getBytes(StandardCharsets.UTF_8);
    var fields = SpoolFixture.fields(number);
    var keyed = key.isEmpty() ? fields : DedupeKey.in(fields, octets);
    var content = SpoolFixture.content(SpoolFixture.octets(number, 300));
    var messages = SpoolFixture.messages(number, 1, 300, keyed);
    spool.spool().commit(messages, content, spool.scheduler(), noting);
    content.release();
  }

  @Test
  void whileOldSegmentsAreReadOnlyCommitsWithAKeyWait() {
    var spool = open();
    spool.commitKeyed(1, 300, "a");
    for (int i = 0; i < 30; i++) {
      spool.commit(100 + i, 1, 10_000);
    }
    spool.close();
    spool = new SpoolFixture(disk, ++lives).open();
    var order = new ArrayList<String>();
    post(spool, 2, "a", new Noting(order, "a"));
    post(spool, 3, "b", new Noting(order, "b"));
    post(spool, 4, "b", new Noting(order, "b again"));
    post(spool, 5, "", new Noting(order, "one without"));
    spool.platform.settle();
    assertThat(order)
        .containsExactly("one without is kept", "a is known", "b is kept", "b again is known");
    spool.close();
  }

  @Test
  void thoseThatWaitAreBoundedAndRefusedAtAStop() {
    var spool = open();
    spool.commit(1);
    spool.close();
    spool = new SpoolFixture(disk, ++lives).open();
    var order = new ArrayList<String>();
    // A quarter of what may wait in all.
    for (int i = 0; i < 2_500; i++) {
      post(spool, 10 + i, "key " + i, new Noting(order, "one"));
    }
    var parts = Unpooled.copiedBuffer(SpoolFixture.octets(1, 9_000));
    spool.spool().append(SpoolFixture.id(9_999), parts, spool.scheduler(), () -> {});
    var fields = DedupeKey.in(SpoolFixture.fields(1), new byte[] {1});
    spool
        .spool()
        .commitChunked(
            SpoolFixture.messages(9_999, 1, 9_000, fields),
            Unpooled.EMPTY_BUFFER,
            spool.scheduler(),
            new Noting(order, "one too many"));
    spool.spool().close();
    spool.platform.settle();
    assertThat(order).hasSize(2_501).contains("one too many FULL");
    assertThat(order).filteredOn("one STOPPING"::equals).hasSize(2_500);
    spool.platform.close();
  }

  @Test
  void readerCountsThem() throws DiskFailure {
    var spool = open();
    spool.commitKeyed(1, 300, "a");
    spool.commitKeyed(2, 300, "a");
    spool.commitKeyed(3, 300, "b");
    spool.delivered(1, 0);
    spool.turn(spool.turn(spool.turn(100)));
    spool.close();
    var check = SpoolReader.read(disk, SpoolFixture.FOLDER).check();
    assertThat(check.keys()).isEqualTo(2);
    assertThat(check.problems()).isEmpty();
  }
}
