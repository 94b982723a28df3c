package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.flywheelmta.spool.SegmentHeader.Read;
import org.junit.jupiter.api.Test;

/** What the two copies of a header, and the place of the first record, say together. */
class SegmentHeaderTest {
  private static final SegmentHeader HEADER =
      new SegmentHeader(SegmentHeader.VERSION, 3, 0x1234_5678_9abc_def0L, 2, 77, 5, 1 << 20);

  private static ByteBuffer blank() {
    return ByteBuffer.allocateDirect(SegmentHeader.COPY_BYTES);
  }

  private static ByteBuffer bad() {
    return HEADER.encode().put(20, (byte) 99);
  }

  private static Read read(ByteBuffer first, ByteBuffer second, ByteBuffer record) {
    var block = ByteBuffer.allocate(SegmentHeader.READ_BYTES);
    block.put(0, first, 0, SegmentHeader.COPY_BYTES);
    block.put(SegmentHeader.SECOND_COPY, second, 0, SegmentHeader.COPY_BYTES);
    block.put(SegmentHeader.RECORDS_AT, record, 0, SegmentHeader.COPY_BYTES);
    return SegmentHeader.read(block);
  }

  @Test
  void oneWholeCopyIsEnough() {
    for (var other : new ByteBuffer[] {blank(), bad(), HEADER.encode()}) {
      for (var record : new ByteBuffer[] {blank(), bad()}) {
        assertThat(read(HEADER.encode(), other, record)).isEqualTo(new Read.Valid(HEADER));
        assertThat(read(other, HEADER.encode(), record)).isEqualTo(new Read.Valid(HEADER));
      }
    }
  }

  @Test
  void tornFirstCopyOfAUseThatHadNotBegunIsBlank() {
    assertThat(read(bad(), blank(), blank())).isEqualTo(new Read.Blank());
    assertThat(read(blank(), blank(), blank())).isEqualTo(new Read.Blank());
  }

  @Test
  void badCopyBesideABlankOneIsDamageWhereRecordsAre() {
    assertThat(read(bad(), blank(), bad())).isEqualTo(new Read.Damaged());
    assertThat(read(blank(), bad(), bad())).isEqualTo(new Read.Damaged());
    assertThat(read(blank(), blank(), bad())).isEqualTo(new Read.Damaged());
    assertThat(read(blank(), bad(), blank())).isEqualTo(new Read.Damaged());
    assertThat(read(bad(), bad(), blank())).isEqualTo(new Read.Damaged());
  }

  @Test
  void retiredSegmentIsNoUseWhateverTheSecondCopySays() {
    var retired = SegmentHeader.retired();
    for (var second : new ByteBuffer[] {blank(), bad(), HEADER.encode()}) {
      assertThat(read(retired, second, bad())).isEqualTo(new Read.Retired());
    }
    assertThat(read(retired, bad(), blank())).isEqualTo(new Read.Retired());
    assertThat(read(retired, blank(), blank())).isEqualTo(new Read.Blank());
  }
}
