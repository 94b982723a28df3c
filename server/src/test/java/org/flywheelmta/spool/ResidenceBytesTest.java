package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.base.HeapMeasure;
import org.flywheelmta.message.Message;
import org.junit.jupiter.api.Test;

/** The heap that the spool keeps for a transaction, measured against what is counted for it. */
final class ResidenceBytesTest {
  private static final int TRANSACTIONS = 100_000;

  /** What is counted is at least what is taken, and at most this many times it. */
  private static final double MOST_TIMES = 1.6;

  @Test
  void residencesTakeNoMoreThanIsCountedForThem() {
    long taken = HeapMeasure.bytes(ResidenceBytesTest::accountsWithTransactions);
    assertThat((long) TRANSACTIONS * Message.SPOOL_BYTES)
        .isBetween(taken, (long) (MOST_TIMES * taken));
  }

  private static Accounts accountsWithTransactions() {
    var segment =
        new Segment(
            Path.of("/spool/1"),
            new SegmentHeader(SegmentHeader.VERSION, 1, 1, 1, 1, 1, 1 << 20),
            Segment.Phase.ACTIVE);
    var accounts = new Accounts();
    for (int i = 0; i < TRANSACTIONS; i++) {
      var home = new Extent(segment, 64 * i, 10_000);
      accounts.committed(SpoolFixture.id(i), home, List.of(), 1);
    }
    assertThat(accounts.residences().countLiving()).isEqualTo(TRANSACTIONS);
    return accounts;
  }
}
