package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywheelmta.base.Admission;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.Operation;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the spool promises to those who use it. */
class LogSpoolTest {
  private final SimDisk disk = new SimDisk();
  private final SpoolFixture spool = new SpoolFixture(disk, 1).openAndSettle();

  private SpoolFixture restarted() {
    spool.close();
    return new SpoolFixture(disk, 2).openAndSettle();
  }

  @Test
  void everyFieldComesBack() {
    spool.commit(5, 3, 700);
    var again = restarted();
    assertThat(again.recovered).hasSize(3);
    assertThat(again.recoveredCount).isEqualTo(3);
    var message = again.message(5, 2);
    assertThat(message.recipient()).isEqualTo(Address.of("r2@d5.example"));
    assertThat(message.fields()).isEqualTo(SpoolFixture.fields(9));
    assertThat(message.attempts()).isZero();
    var transaction = message.transaction();
    assertThat(transaction).isEqualTo(SpoolFixture.messages(5, 3, 700).getFirst().transaction());
    assertThat(again.load(5)).isEqualTo(SpoolFixture.octets(5, 700));
    again.close();
  }

  @Test
  void attemptsDueTimesAndAmendmentsComeBackAndFinalRecipientsDoNot() {
    spool.commit(1, 3, 100);
    var binding = Fields.NONE.with(15, new byte[] {1});
    var route = Fields.NONE.with(16, new byte[] {2});
    var waiting = StoredOutcome.Kind.WAITING;
    spool.spool().outcome(SpoolFixture.id(1), 0, new StoredOutcome(waiting, 1, 50, 9, "", binding));
    spool.spool().outcome(SpoolFixture.id(1), 0, new StoredOutcome(waiting, 2, 70, 9, "", route));
    spool.delivered(1, 1);
    var again = restarted();
    assertThat(again.recovered).containsOnlyKeys(SpoolFixture.key(1, 0), SpoolFixture.key(1, 2));
    var message = again.message(1, 0);
    assertThat(message.attempts()).isEqualTo(2);
    assertThat(message.dueMicros()).isEqualTo(70);
    assertThat(message.fields().value(15)).containsExactly(1);
    assertThat(message.fields().value(16)).containsExactly(2);
    assertThat(message.fields().has(60_000)).isTrue();
    again.close();
  }

  @Test
  void whatArrivesTogetherSharesOneWriteAndOneForce() {
    spool.commit(0);
    long forces = disk.count(Operation.FORCE);
    long writes = disk.count(Operation.WRITE);
    var answers = new ArrayList<SpoolFixture.Answer>();
    for (int i = 1; i <= 50; i++) {
      answers.add(spool.post(i, 1, SpoolFixture.octets(i, 100)));
    }
    assertThat(answers).noneMatch(SpoolFixture.Answer::answered);
    spool.platform.settle();
    assertThat(answers).allMatch(answer -> answer.committed && answer.contentIsFree());
    assertThat(disk.count(Operation.FORCE) - forces).isEqualTo(1);
    assertThat(disk.count(Operation.WRITE) - writes).isEqualTo(1);
    spool.close();
  }

  @Test
  void outcomeIsWrittenWithin10MillisecondsAndForcedAfter100() {
    spool.commit(1);
    spool.platform.advanceMillis(200);
    long forces = disk.count(Operation.FORCE);
    long writes = disk.count(Operation.WRITE);
    spool.delivered(1, 0);
    spool.platform.settle();
    spool.platform.advanceMillis(9);
    assertThat(disk.count(Operation.WRITE)).isEqualTo(writes);
    spool.platform.advanceMillis(1);
    assertThat(disk.count(Operation.WRITE)).isEqualTo(writes + 1);
    spool.platform.advanceMillis(99);
    assertThat(disk.count(Operation.FORCE)).isEqualTo(forces);
    spool.platform.advanceMillis(1);
    assertThat(disk.count(Operation.FORCE)).isGreaterThan(forces);
    spool.close();
  }

  @Test
  void idleSpoolWritesOneMarkAndRests() {
    spool.commit(1);
    spool.platform.advanceMillis(150);
    long operations = disk.operations();
    spool.platform.advanceMillis(1000);
    assertThat(disk.operations()).isEqualTo(operations);
    spool.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = DiskFailure.Kind.class,
      names = {"IO", "FULL"})
  void failedForceSealsTheVolumeForGood(DiskFailure.Kind kind) {
    spool.commit(1);
    disk.faults((op, number, file) -> op == Operation.FORCE ? kind : null);
    var failed = spool.commit(2);
    assertThat(failed.refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(failed.contentIsFree()).isTrue();
    disk.noFaults();
    long operations = disk.operations();
    assertThat(spool.commit(3).refusal).isEqualTo(SpoolRefusal.SEALED);
    spool.delivered(1, 0);
    spool.platform.advanceMillis(1000);
    assertThat(disk.operations()).isEqualTo(operations);
    assertThat(spool.spool().level()).isEqualTo(Admission.Level.PAUSED);
    assertThat(spool.lines).hasSize(1).first().asString().contains("has failed");
    spool.die();
    disk.crash(SimDisk.CrashMode.DROPPED, new SplittableRandom(1));
    var again = new SpoolFixture(disk, 2).openAndSettle();
    assertThat(again.recovered).containsOnlyKeys(SpoolFixture.key(1, 0));
    again.close();
  }

  @Test
  void fullDiskRefusesKeepsOutcomesAndRecoversByItself() {
    var small = new SimDisk(6 * SpoolFixture.SEGMENT_BYTES);
    var full = new SpoolFixture(small, 1).openAndSettle();
    int accepted = 0;
    while (full.commit(accepted, 1, 10_000).committed) {
      accepted++;
      assertThat(accepted).isLessThan(100);
    }
    assertThat(accepted).isGreaterThan(5);
    assertThat(full.commit(1000, 1, 10_000).refusal).isEqualTo(SpoolRefusal.FULL);
    assertThat(full.spool().level()).isEqualTo(Admission.Level.REFUSING);
    assertThat(full.lines).hasSize(1).first().asString().contains("no room");
    for (int i = 0; i < accepted; i++) {
      full.delivered(i, 0);
    }
    full.platform.advanceMillis(2000);
    assertThat(full.spool().level()).isEqualTo(Admission.Level.OPEN);
    assertThat(full.commit(2000, 1, 10_000).committed).isTrue();
    full.close();
    var again = new SpoolFixture(small, 2).openAndSettle();
    assertThat(again.recovered).containsOnlyKeys(SpoolFixture.key(2000, 0));
    again.close();
  }

  @Test
  void largeContentGoesInChunksAndComesBackWhole() {
    var octets = SpoolFixture.octets(1, 300_000);
    var answer = spool.post(1, 2, octets);
    var head = "Received: x\r\n".getBytes(StandardCharsets.US_ASCII);
    var chunked =
        spool.commitChunked(2, head, SpoolFixture.octets(2, 20_000), SpoolFixture.octets(3, 7));
    spool.platform.settle();
    assertThat(answer.committed && answer.contentIsFree() && chunked.committed).isTrue();
    assertThat(spool.load(1)).isEqualTo(octets);
    var again = restarted();
    assertThat(again.recovered).hasSize(3);
    assertThat(again.load(1)).isEqualTo(octets);
    assertThat((byte[]) again.load(2)).hasSize(head.length + 20_007).startsWith(head);
    assertThat(again.message(2, 0).transaction().contentBytes()).isEqualTo(head.length + 20_007);
    again.delivered(1, 0);
    again.delivered(1, 1);
    again.platform.advanceMillis(500);
    assertThat(again.load(1)).asString().contains("no recipient");
    again.close();
  }

  @Test
  void abandonedAndUncommittedPartsNeverComeBack() {
    for (int i = 0; i < 20; i++) {
      var part = Unpooled.copiedBuffer(SpoolFixture.octets(i, 30_000));
      spool.spool().append(SpoolFixture.id(i), part, spool.scheduler(), () -> {});
      if (i < 19) {
        spool.spool().abandon(SpoolFixture.id(i));
      }
      spool.platform.advanceMillis(200);
    }
    assertThat(disk.files()).hasSizeLessThan(20);
    var again = restarted();
    assertThat(again.recovered).isEmpty();
    again.close();
  }

  @Test
  void recoveredMessagesAreOfferedAgainUntilThereIsRoom() {
    for (int i = 0; i < 250; i++) {
      assertThat(spool.commit(i, 1, 10).committed).as("%d %s", i, spool.lines).isTrue();
    }
    spool.close();
    var again = new SpoolFixture(disk, 2);
    again.refusingRecovered = 3;
    again.openAndSettle();
    assertThat(again.recovered).isEmpty();
    var early = again.commit(999);
    assertThat(early.committed).isTrue();
    again.platform.advanceMillis(100);
    assertThat(again.lines).isEmpty();
    assertThat(again.recovered.size()).isEqualTo(250);
    assertThat(again.recoveredCount).isEqualTo(250);
    again.close();
  }

  @Test
  void lockedFolderNamesItsHolder() {
    var second = new SpoolFixture(disk, 2).tryOpen();
    assertThat(second)
        .isInstanceOfSatisfying(
            Opened.Failed.class,
            failed -> {
              assertThat(failed.kind()).isEqualTo(Opened.Kind.LOCKED);
              assertThat(failed.line()).contains("process 1");
            });
    spool.close();
  }

  @Test
  void unknownVersionIsSaidAndNothingIsTouched() {
    spool.commit(1);
    spool.close();
    var segment = disk.files().getFirst();
    var bytes = disk.bytes(segment);
    var valid = (SegmentHeader.Read.Valid) SegmentHeader.read(ByteBuffer.wrap(bytes));
    var header = valid.header();
    var later =
        new SegmentHeader(
            SegmentHeader.VERSION + 1,
            header.number(),
            header.incarnation(),
            header.epoch(),
            header.firstLsn(),
            0,
            65536);
    later.encode().get(0, bytes, 0, 64);
    disk.put(segment, bytes);
    long written = disk.count(Operation.WRITE) + disk.count(Operation.CREATE);
    var opened = new SpoolFixture(disk, 2).tryOpen();
    assertThat(opened)
        .isInstanceOfSatisfying(
            Opened.Failed.class,
            failed -> {
              assertThat(failed.kind()).isEqualTo(Opened.Kind.UNKNOWN_VERSION);
              assertThat(failed.line()).contains("format version " + later.version());
            });
    assertThat(disk.count(Operation.WRITE) + disk.count(Operation.CREATE)).isEqualTo(written + 1);
    assertThat(disk.bytes(segment)).isEqualTo(bytes);
  }

  @Test
  void whatIsAskedDuringAndAfterCloseIsAnsweredExactlyOnce() {
    long pinned = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    spool.commit(1);
    var written = new AtomicInteger();
    var parts = new ArrayList<ByteBuf>();
    Runnable append =
        () -> {
          parts.add(Unpooled.copiedBuffer(SpoolFixture.octets(1, 40_000)));
          var part = parts.getLast();
          spool
              .spool()
              .append(SpoolFixture.id(7), part, spool.scheduler(), written::incrementAndGet);
        };
    append.run();
    // At each operation of the last passes another thread appends.
    disk.faults(
        (op, number, file) -> {
          if (op == Operation.FORCE && parts.size() < 4) {
            append.run();
          }
          return null;
        });
    spool.spool().close();
    disk.noFaults();
    int during = parts.size();
    assertThat(during).isGreaterThan(1);
    append.run();
    spool.spool().abandon(SpoolFixture.id(7));
    spool.delivered(1, 0);
    spool.platform.settle();
    assertThat(written).hasValue(during + 1);
    assertThat(parts).allMatch(part -> part.refCnt() == 0);
    assertThat(spool.load(1)).asString().contains("closed");
    assertThat(spool.commit(2, 1, 40_000).refusal).isEqualTo(SpoolRefusal.STOPPING);
    assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory()).isEqualTo(pinned);
  }

  @Test
  void outcomeRecordNeverCountsBeyondItsSixteenBits() {
    var entry = new OutcomeCodec.Entry(1, SpoolFixture.outcome(StoredOutcome.Kind.DELIVERED, 1));
    var tooMany = Collections.nCopies(OutcomeCodec.MAX_ENTRIES + 1, entry);
    assertThatThrownBy(() -> OutcomeCodec.encode(PooledByteBufAllocator.DEFAULT, tooMany))
        .hasMessageContaining("too many entries");
  }

  @Test
  void commitsAfterCloseBeginsAreRefusedAsStopping() {
    spool.commit(1);
    spool.spool().close();
    assertThat(spool.commit(2).refusal).isEqualTo(SpoolRefusal.STOPPING);
  }
}
