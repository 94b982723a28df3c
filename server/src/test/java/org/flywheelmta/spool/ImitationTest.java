package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.flywheelmta.disk.SimDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A sender writes mails that look like records of the spool. None of them ever becomes a mail, with
 * damage before it as well.
 */
final class ImitationTest {
  private static final int FORGED = 7_777;
  private static final int UNIT = 64;
  private static final long LATER = 1_000_000;

  private final SimDisk disk = new SimDisk(64L * SpoolFixture.SEGMENT_BYTES);
  private final SpoolFixture spool = new SpoolFixture(disk, 1).openAndSettle();

  /** Everything that the spool's files hold now: the live incarnation is among it. */
  private byte[] everything() {
    var all = new ByteArrayOutputStream();
    for (var file : segments()) {
      var bytes = disk.bytes(file);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] == 0) {
        end--;
      }
      all.write(bytes, 0, end);
      all.write(new byte[(UNIT - end % UNIT) % UNIT], 0, (UNIT - end % UNIT) % UNIT);
    }
    return all.toByteArray();
  }

  private List<Path> segments() {
    return disk.files().stream().filter(file -> file.startsWith(SpoolFixture.FOLDER)).toList();
  }

  private SegmentHeader live() {
    for (var file : segments().reversed()) {
      var read = SegmentHeader.read(ByteBuffer.wrap(disk.bytes(file)));
      if (read instanceof SegmentHeader.Read.Valid(var header)) {
        return header;
      }
    }
    throw new AssertionError("no segment is in use");
  }

  /** The whole record of a mail to one recipient, as the spool itself would write it. */
  private static byte[] record(long incarnation, long lsn) {
    var scratch = new SimDisk(64L * SpoolFixture.SEGMENT_BYTES);
    var other = new SpoolFixture(scratch, 99).openAndSettle();
    other.commit(FORGED, 1, 100);
    var bytes = scratch.bytes(scratch.files().getFirst());
    other.close();
    var view = ByteBuffer.wrap(bytes);
    var header = new RecordHeader();
    int at = SegmentHeader.RECORDS_AT;
    long first = ((SegmentHeader.Read.Valid) SegmentHeader.read(view)).header().incarnation();
    assertThat(header.decode(view, at, first)).isTrue();
    header.incarnation = incarnation;
    header.lsn = lsn;
    header.forcedLsn = lsn - 1;
    var crc = new CRC32C();
    header.seed(crc);
    crc.update(view.slice(at + RecordHeader.BYTES, header.payloadLength));
    header.payloadCrc = (int) crc.getValue();
    header.encode(view, at);
    int length = (int) RecordHeader.recordBytes(header.payloadLength);
    return Arrays.copyOfRange(bytes, at, at + length);
  }

  /** What somebody could guess who has read the source and not the disk. */
  private static Set<Long> guesses(SegmentHeader live) {
    return new TreeSet<>(
        List.of(
            0L,
            1L,
            -1L,
            (long) live.number(),
            live.epoch(),
            live.firstLsn(),
            live.wallMicros(),
            ~live.incarnation(),
            live.incarnation() + 1,
            Long.reverseBytes(live.incarnation()),
            live.incarnation() & 0xffff_ffffL,
            live.incarnation() << 32));
  }

  private static byte[] shifted(byte[] octets, int by) {
    var shifted = new byte[octets.length + by];
    System.arraycopy(octets, 0, shifted, by, octets.length);
    return shifted;
  }

  private byte[] forgeries(Set<Long> incarnations, SegmentHeader live) {
    var all = new ByteArrayOutputStream();
    for (long incarnation : incarnations) {
      for (long lsn : new long[] {live.firstLsn(), live.firstLsn() + 2, live.firstLsn() + LATER}) {
        all.writeBytes(record(incarnation, lsn));
      }
    }
    return all.toByteArray();
  }

  private void post(int number, byte[] octets) {
    assertThat(spool.post(number, 1, octets)).isNotNull();
    spool.platform.settle();
  }

  private static List<String> keys(SimDisk disk) {
    var after = new SpoolFixture(disk, 2).openAndSettle();
    after.platform.advanceMillis(500);
    var keys = new ArrayList<>(after.recovered.keySet());
    for (var key : keys) {
      assertThat(key).isNotEqualTo(SpoolFixture.key(FORGED, 0));
    }
    after.close();
    return keys;
  }

  /** Damages each place of the segments in turn that a reader may look at, and starts. */
  private void startWithDamage(Set<String> known) {
    for (var file : segments()) {
      var bytes = disk.bytes(file);
      for (int at = 0; at < bytes.length; at += UNIT) {
        if (bytes[at] == 0 && bytes[at + 3] == 0 && bytes[at + 20] == 0) {
          continue;
        }
        var damaged = disk.copy();
        damaged.flip(file, at + 3, 1);
        assertThat(keys(damaged)).as("octet %d of %s", at, file).isSubsetOf(known);
      }
    }
  }

  /** The padding decides whether the imitations stand where a reader looks. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 17, 32, 63})
  void copiesOfTheSpoolAndGuessedIncarnationsNeverBecomeMails(int by) {
    spool.commit(1, 1, 100);
    spool.commit(2, 1, 100);
    spool.delivered(2, 0);
    spool.platform.advanceMillis(120);
    var guessed = forgeries(guesses(live()), live());
    // All places of a record modulo 64 are met, since one after another begins 8 octets further.
    var wanted = new TreeSet<>(Set.of(SpoolFixture.key(1, 0)));
    for (int i = 0; i < 8; i++) {
      post(10 + i, shifted(i % 2 == 0 ? guessed : everything(), by + 8 * i));
      wanted.add(SpoolFixture.key(10 + i, 0));
    }
    spool.commit(3, 1, 100);
    wanted.add(SpoolFixture.key(3, 0));
    spool.close();
    assertThat(keys(disk.copy())).containsExactlyInAnyOrderElementsOf(wanted);
    wanted.add(SpoolFixture.key(2, 0));
    if (by % 32 == 0) {
      startWithDamage(wanted);
    }
  }

  /** Nobody knows it who cannot read the disk; the record around it alone keeps it content. */
  @Test
  void evenTheLiveIncarnationStaysContentWithinItsRecord() {
    spool.commit(1, 1, 100);
    var wanted = new TreeSet<>(Set.of(SpoolFixture.key(1, 0)));
    for (int i = 0; i < 64; i += 8) {
      post(10 + i, shifted(forgeries(Set.of(live().incarnation()), live()), i));
      wanted.add(SpoolFixture.key(10 + i, 0));
    }
    spool.post(90, 1, shifted(forgeries(Set.of(live().incarnation()), live()), 40_000));
    wanted.add(SpoolFixture.key(90, 0));
    spool.platform.settle();
    spool.close();
    assertThat(keys(disk.copy())).containsExactlyInAnyOrderElementsOf(wanted);
  }
}
