package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import org.flywheelmta.base.Counter;
import org.flywheelmta.disk.SimDisk;
import org.junit.jupiter.api.Test;

/** What a volume says of itself is what happened. */
class SpoolStatisticsTest {
  private final SpoolFixture spool = new SpoolFixture(new SimDisk(), 1).openAndSettle();

  private long count(String name) {
    return spool.log().statistics().counters().stream()
        .filter(counter -> counter.name().equals("flywheel_spool_" + name + "_total"))
        .mapToLong(Counter::value)
        .sum();
  }

  @Test
  void histogramCountsInBucketsThatDouble() {
    var histogram = new SpoolStatistics.Histogram();
    assertThat(histogram.below(99)).isZero();
    histogram.add(0);
    histogram.add(1);
    histogram.add(3);
    histogram.add(1_000);
    assertThat(histogram.count(0)).isEqualTo(1);
    assertThat(histogram.count(1)).isEqualTo(1);
    assertThat(histogram.count(2)).isEqualTo(1);
    assertThat(histogram.count(10)).isEqualTo(1);
    assertThat(histogram.count()).isEqualTo(4);
    assertThat(histogram.sum()).isEqualTo(1_004);
    assertThat(histogram.below(50)).isEqualTo(2);
    assertThat(histogram.below(75)).isEqualTo(4);
    assertThat(histogram.below(100)).isEqualTo(1_024);
    histogram.add(Long.MAX_VALUE);
    assertThat(histogram.count(SpoolStatistics.BUCKETS - 1)).isEqualTo(1);
  }

  @Test
  void commitsThatShareAForceAreABatch() {
    for (int i = 0; i < 5; i++) {
      spool.post(i, 1, SpoolFixture.octets(i, 100));
    }
    spool.platform.settle();
    var statistics = spool.log().statistics();
    assertThat(count("commits")).isEqualTo(5);
    assertThat(count("batches")).isEqualTo(1);
    assertThat(count("forces")).isEqualTo(1);
    assertThat(statistics.commitMicros().count()).isEqualTo(5);
    assertThat(statistics.batchRecords().sum()).isEqualTo(5);
    spool.close();
  }

  @Test
  void whatIsHeldAndNeededIsReported() {
    spool.commit(1, 1, 5_000);
    spool.commit(2, 1, 5_000);
    spool.platform.advanceMillis(3_000);
    // Reported at a pass of the commit thread, once a second at most.
    spool.commit(3, 1, 100);
    var statistics = spool.log().statistics();
    assertThat(statistics.segmentBytes()).isEqualTo(SpoolFixture.SEGMENT_BYTES);
    assertThat(statistics.neededBytes()).isBetween(10_000L, 20_000L);
    assertThat(statistics.blankBytes()).isPositive();
    assertThat(statistics.transactions()).isEqualTo(3);
    assertThat(statistics.isRecovered()).isTrue();
    spool.close();
  }

  @Test
  void recoveryTellsHowFarItIs() {
    var disk = new SimDisk();
    var before = new SpoolFixture(disk, 1).openAndSettle();
    for (int i = 0; i < 40; i++) {
      before.commit(i, 1, 3_000);
    }
    before.close();
    var after = new SpoolFixture(disk, 2).openAndSettle();
    var statistics = after.log().statistics();
    assertThat(statistics.recoverySegments()).isGreaterThan(1);
    assertThat(statistics.recoverySegmentsRead()).isEqualTo(statistics.recoverySegments());
    assertThat(statistics.recoveredMessages()).isEqualTo(40);
    assertThat(statistics.isRecovered()).isTrue();
    after.close();
  }
}
