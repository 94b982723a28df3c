package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.base.Counter;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.junit.jupiter.api.Test;

/** Large content that is compressed in the spool is what it was, wherever it goes. */
final class CompressionTest {
  private static final int PART = SpoolFixture.SEGMENT_BYTES / 4;

  private final SimDisk disk = new SimDisk();
  private SpoolFixture spool = compressing(1).openAndSettle();

  private SpoolFixture compressing(int life) {
    return SpoolFixture.compressing(disk, life, SpoolFixture.SEGMENT_BYTES);
  }

  private void restart(SpoolFixture next) {
    spool.close();
    assertThat(spool.memory.taken()).isZero();
    spool = next.openAndSettle();
  }

  private SpoolFixture.Answer commit(int number, byte[] octets) {
    var answer = spool.post(number, 1, octets);
    spool.platform.settle();
    assertThat(answer.committed).isTrue();
    assertThat(answer.contentIsFree()).isTrue();
    return answer;
  }

  private static long count(SpoolFixture spool, String name) {
    return spool.log().statistics().counters().stream()
        .filter(counter -> counter.name().equals("flywheel_spool_" + name + "_total"))
        .mapToLong(Counter::value)
        .sum();
  }

  /** Of each chunk on the disk, in the order of LSNs, the length of what was compressed, or 0. */
  private static List<Integer> chunks(SimDisk disk) throws DiskFailure {
    var chunks = new ArrayList<Integer>();
    var folder = SpoolFolder.read(disk, SpoolFixture.FOLDER, SpoolFixture.SEGMENT_BYTES);
    for (var segment : folder.segments()) {
      var read = SegmentFacts.scan(disk, segment, new ScanWindow());
      for (var fact = new Facts(read.facts()); fact.next(); ) {
        if (fact.kind == RecordHeader.CHUNK) {
          chunks.add(fact.isCompressed() ? FactCodec.plainBytes(fact.body()) : 0);
        }
      }
      read.facts().release();
    }
    return chunks;
  }

  private static byte[] joined(byte[]... parts) {
    var all = Unpooled.wrappedBuffer(parts);
    var joined = new byte[all.readableBytes()];
    all.readBytes(joined);
    all.release();
    return joined;
  }

  @Test
  void contentComesBackOctetByOctetAndAfterARestartToo() throws DiskFailure {
    var text = SpoolFixture.text(1, 100_000);
    commit(1, text);
    assertThat(chunks(disk)).containsExactly(PART, PART, PART, PART, PART, PART, 100_000 % PART);
    assertThat(spool.load(1)).isEqualTo(text);
    assertThat(count(spool, "compression_in_bytes")).isEqualTo(100_000);
    assertThat(count(spool, "compression_out_bytes")).isBetween(1_000L, 40_000L);
    restart(compressing(2));
    assertThat(spool.recovered).containsOnlyKeys(SpoolFixture.key(1, 0));
    assertThat(spool.load(1)).isEqualTo(text);
    spool.die();
    disk.crash(CrashMode.DROPPED, new SplittableRandom(1));
    spool = compressing(3).openAndSettle();
    assertThat(spool.load(1)).isEqualTo(text);
    assertThat(spool.lines).isEmpty();
    spool.close();
  }

  @Test
  void partsThatSaveLittleAndSmallMailStayAsTheyAre() throws DiskFailure {
    var random = SpoolFixture.octets(1, PART);
    var mixed = joined(SpoolFixture.text(1, PART), random, SpoolFixture.text(2, PART), random);
    commit(1, mixed);
    commit(2, SpoolFixture.text(2, PART));
    assertThat(chunks(disk)).containsExactly(PART, 0, PART, 0);
    assertThat(spool.load(1)).isEqualTo(mixed);
    assertThat(spool.load(2)).isEqualTo(SpoolFixture.text(2, PART));
    spool.close();
  }

  @Test
  void largestPartsOfABufferInSeveralPiecesAreCompressedToo() {
    var large = SpoolFixture.compressing(new SimDisk(), 1, 1024 * 1024).openAndSettle();
    var text = SpoolFixture.text(1, Spool.CHUNK_BYTES + 77);
    var head = SpoolFixture.octets(3, 100);
    var pieces =
        Unpooled.wrappedBuffer(
            Unpooled.copiedBuffer(text, 0, 50_000),
            Unpooled.directBuffer().writeBytes(text, 50_000, text.length - 50_000));
    var written = new int[1];
    large.spool().append(SpoolFixture.id(1), pieces, large.scheduler(), () -> written[0]++);
    var answer = large.commitChunked(1, head);
    large.platform.settle();
    // The messages of the fixture do not know of the parts; the record does.
    assertThat(answer.committed).isTrue();
    assertThat(written[0]).isEqualTo(1);
    assertThat(pieces.refCnt()).isZero();
    assertThat(large.load(1)).isEqualTo(joined(head, text));
    large.close();
    spool.close();
  }

  @Test
  void recyclingAndCompactionMoveTheOctetsAsTheyAre() {
    var text = SpoolFixture.text(1, 90_000);
    commit(1, text);
    for (int round = 0; round < 8; round++) {
      for (int i = 0; i < 12; i++) {
        spool.commit(100 + 12 * round + i, 1, 9_000);
        spool.delivered(100 + 12 * round + i, 0);
      }
      commit(1_000 + round, SpoolFixture.text(1_000 + round, 20_000));
      spool.platform.advanceMillis(1_000);
    }
    spool.platform.advanceMillis(10_000);
    assertThat(count(spool, "compaction_bytes")).isGreaterThan(10_000);
    assertThat(spool.lines).isEmpty();
    assertThat(spool.load(1)).isEqualTo(text);
    restart(new SpoolFixture(disk, 2));
    spool.platform.advanceMillis(10_000);
    assertThat(spool.recovered).hasSize(9);
    assertThat(spool.load(1)).isEqualTo(text);
    for (int round = 0; round < 8; round++) {
      assertThat(spool.load(1_000 + round)).isEqualTo(SpoolFixture.text(1_000 + round, 20_000));
    }
    assertThat(count(spool, "compression_in_bytes")).isZero();
    assertThat(spool.lines).isEmpty();
    spool.close();
  }

  @Test
  void optionMayBeTurnedOffAndOnBetweenStarts() throws DiskFailure {
    var text = SpoolFixture.text(1, 40_000);
    commit(1, text);
    restart(new SpoolFixture(disk, 2));
    assertThat(spool.load(1)).isEqualTo(text);
    commit(2, text);
    restart(compressing(3));
    commit(3, text);
    for (int i = 1; i <= 3; i++) {
      assertThat(spool.load(i)).isEqualTo(text);
    }
    // Some stand there twice, since what a start finds is put together.
    assertThat(chunks(disk)).contains(PART, 0, 40_000 % PART);
    assertThat(count(spool, "compression_in_bytes")).isEqualTo(40_000);
    spool.close();
  }

  @Test
  void abandonedPartsLeaveNothing() {
    var part = SpoolFixture.text(1, PART);
    var id = SpoolFixture.id(1);
    spool.spool().append(id, Unpooled.copiedBuffer(part), spool.scheduler(), () -> {});
    spool.spool().abandon(id);
    // The same id once more, as a client that tries again: none of the first parts is in it.
    var again = SpoolFixture.text(9, PART);
    var answer = spool.commitChunked(1, SpoolFixture.octets(1, 10), again);
    spool.platform.settle();
    assertThat(answer.committed).isTrue();
    assertThat(spool.load(1)).isEqualTo(joined(SpoolFixture.octets(1, 10), again));
    restart(compressing(2));
    assertThat(spool.load(1)).isEqualTo(joined(SpoolFixture.octets(1, 10), again));
    spool.close();
  }

  @Test
  void commitsOverTakeNoPartsOfTheirOwnAndOthersGoPast() {
    var first = spool.post(1, 1, SpoolFixture.text(1, 40 * PART));
    var small = spool.post(2, 1, SpoolFixture.octets(2, 500));
    var settling = SpoolFixture.text(3, 40_000);
    spool.platform.settle();
    assertThat(first.committed && small.committed).isTrue();
    var notice = spool.postSettling(3, settling, SpoolFixture.failed(2, 0));
    spool.platform.settle();
    assertThat(notice.committed).isTrue();
    restart(compressing(2));
    assertThat(spool.recovered).containsOnlyKeys(SpoolFixture.key(1, 0), SpoolFixture.key(3, 0));
    assertThat(spool.load(3)).isEqualTo(settling);
    spool.close();
  }

  @Test
  void fullDiskRefusesAndTellsOfEveryPart() {
    var small = new SimDisk(6 * SpoolFixture.SEGMENT_BYTES);
    var full = SpoolFixture.compressing(small, 1, SpoolFixture.SEGMENT_BYTES).openAndSettle();
    int accepted = 0;
    while (full.commit(accepted, 1, 40_000).committed) {
      accepted++;
      assertThat(accepted).isLessThan(100);
    }
    var written = new int[1];
    var text = SpoolFixture.text(1, PART);
    for (int i = 0; i < 9; i++) {
      full.spool()
          .append(
              SpoolFixture.id(900),
              Unpooled.copiedBuffer(text),
              full.scheduler(),
              () -> written[0]++);
    }
    var refused = full.commitChunked(900, new byte[10]);
    full.platform.settle();
    assertThat(refused.refusal).isEqualTo(SpoolRefusal.FULL);
    assertThat(written[0]).isEqualTo(9);
    full.close();
    spool.close();
  }

  @Test
  void closingPassesOnWhatIsInTheLane() {
    // It goes into the segment that is ready, since a stop makes none.
    var text = SpoolFixture.text(1, 20_000);
    var written = new int[1];
    // Nothing runs before the close: all of it lies in the lane.
    var answer = spool.post(1, 1, text);
    for (int i = 0; i < 5; i++) {
      spool
          .spool()
          .append(
              SpoolFixture.id(2),
              Unpooled.copiedBuffer(text),
              spool.scheduler(),
              () -> written[0]++);
    }
    restart(compressing(2));
    assertThat(answer.committed).isTrue();
    assertThat(answer.contentIsFree()).isTrue();
    assertThat(written[0]).isEqualTo(5);
    assertThat(spool.load(1)).isEqualTo(text);
    // What is asked of a closed spool is refused, through the lane as well.
    spool.spool().close();
    var late = spool.post(3, 1, text);
    spool.platform.settle();
    assertThat(late.refusal).isEqualTo(SpoolRefusal.STOPPING);
    assertThat(late.contentIsFree()).isTrue();
    // As after a close that the disk interrupted.
    spool.spool().close();
    spool.platform.close();
  }

  @Test
  void sealedVolumeAnswersForWhatIsInTheLane() {
    var text = SpoolFixture.text(1, 30 * PART);
    var written = new int[1];
    disk.faults(
        (operation, number, file) -> operation == Operation.FORCE ? DiskFailure.Kind.IO : null);
    var first = spool.post(1, 1, SpoolFixture.octets(1, 100));
    var second = spool.post(2, 1, text);
    spool
        .spool()
        .append(
            SpoolFixture.id(3),
            Unpooled.copiedBuffer(text, 0, PART),
            spool.scheduler(),
            () -> written[0]++);
    spool.platform.settle();
    assertThat(first.refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(second.refusal).isEqualTo(SpoolRefusal.SEALED);
    assertThat(second.contentIsFree()).isTrue();
    assertThat(written[0]).isEqualTo(1);
    disk.noFaults();
    spool.close();
  }

  @Test
  void readingBackTakesRoomForWhatComesOutAndNotForWhatLiesThere() {
    var text = SpoolFixture.text(1, 1_000_000);
    commit(1, text);
    spool.memory.take(spool.memory.maximum() * 8 / 10);
    long before = spool.memory.taken();
    var most = new long[1];
    spool
        .spool()
        .load(
            SpoolFixture.id(1),
            spool.scheduler(),
            new org.flywheelmta.message.ContentStore.Completion() {
              @Override
              public void onLoaded(
                  org.flywheelmta.message.Envelope envelope,
                  org.flywheelmta.message.Content content) {
                most[0] = spool.memory.taken() - before;
                content.release();
              }

              @Override
              public void onUnavailable(boolean again, String reason) {
                throw new AssertionError(reason);
              }
            });
    spool.platform.settle();
    assertThat(most[0]).isBetween(1_000_000L, 1_001_000L);
    assertThat(spool.memory.taken()).isEqualTo(before);
    spool.memory.release(before);
    spool.close();
  }

  @Test
  void toolsReadItWhetherTheServerCompressesOrNot() throws DiskFailure {
    var text = SpoolFixture.text(1, 50_000);
    commit(1, text);
    var reader = SpoolReader.read(disk, SpoolFixture.FOLDER);
    assertThat(reader.check().problems()).isEmpty();
    var shown = reader.show(SpoolFixture.id(1)).orElseThrow();
    var octets = new byte[text.length];
    shown.content().bytes().getBytes(0, octets);
    shown.content().release();
    assertThat(octets).isEqualTo(text);
    reader.forEachWaiting(waiting -> assertThat(waiting.contentBytes()).isEqualTo(50_000));
    spool.close();
  }

  @Test
  void frameIsAsLongAsItSaysAndNoLongerThanItsRoom() {
    var text = SpoolFixture.text(1, 10_000);
    var part = Unpooled.directBuffer().writeBytes(text);
    try (var codec = new FrameCodec(part.alloc())) {
      var frame = java.util.Objects.requireNonNull(codec.compress(part));
      for (int plainBytes : new int[] {1, 9_999, 10_000, 10_001, Spool.CHUNK_BYTES}) {
        var into = Unpooled.directBuffer(plainBytes, plainBytes);
        var expanded = FrameCodec.expand(frame, into, plainBytes);
        boolean right = plainBytes == text.length;
        assertThat(expanded)
            .isEqualTo(right ? FrameCodec.Expanded.WHOLE : FrameCodec.Expanded.DAMAGED);
        assertThat(into.readableBytes()).isEqualTo(right ? plainBytes : 0);
        into.release();
      }
      frame.release();
      var noise = Unpooled.wrappedBuffer(SpoolFixture.octets(1, 10_000));
      assertThat(codec.compress(noise)).isNull();
      noise.release();
    }
    assertThat(part.release()).isTrue();
    spool.close();
  }
}
