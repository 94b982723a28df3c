package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.message.Message;
import org.junit.jupiter.api.Test;

/** The heap that the spool keeps for a transaction, measured against what is counted for it. */
final class ResidenceBytesTest {
  private static final int TRANSACTIONS = 100_000;

  /** What is counted is at least what is taken, and at most this many times it. */
  private static final double MOST_TIMES = 1.6;

  private static long usedBytes() {
    var runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  @Test
  void residencesTakeNoMoreThanIsCountedForThem() {
    var segment =
        new Segment(
            Path.of("/spool/1"),
            new SegmentHeader(SegmentHeader.VERSION, 1, 1, 1, 1, 1, 1 << 20),
            Segment.Phase.ACTIVE);
    var accounts = new Accounts();
    long before = usedBytes();
    for (int i = 0; i < TRANSACTIONS; i++) {
      var home = new Residence.Extent(segment, 64 * i, 10_000);
      accounts.committed(new Residence(SpoolFixture.id(i), home, List.of(), 1));
    }
    long taken = usedBytes() - before;
    assertThat(accounts.living()).isEqualTo(TRANSACTIONS);
    assertThat((long) TRANSACTIONS * Message.SPOOL_BYTES)
        .isBetween(taken, (long) (MOST_TIMES * taken));
  }
}
