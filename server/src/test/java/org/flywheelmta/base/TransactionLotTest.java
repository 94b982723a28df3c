package org.flywheelmta.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The lot of a transaction's id. */
class TransactionLotTest {
  private final Random random = new Random(5);

  private TransactionId id() {
    return TransactionId.of(random.nextInt(1, 1 << 30), random.nextLong(), random.nextLong());
  }

  @Test
  void anIdIsGivenEachLotAndDiffersInRandomBitsAlone() {
    for (int lots : new int[] {1, 2, 3, 7, 64, 1000}) {
      for (int i = 0; i < 2000; i++) {
        var id = id();
        var given = id.withLot(i % lots, lots);
        assertThat(TransactionId.lot(given.low(), lots)).isEqualTo(i % lots);
        assertThat(given.high()).isEqualTo(id.high());
        assertThat(given.low() >>> 32).isEqualTo(id.low() >>> 32);
        assertThat(Math.abs((given.low() & 0xffff_ffffL) - (id.low() & 0xffff_ffffL)))
            .isLessThanOrEqualTo(lots);
      }
    }
  }

  @Test
  void theHighestRandomBitsHaveRoomForEachLot() {
    var highest = new TransactionId(1, -1L);
    for (int lot = 0; lot < 7; lot++) {
      assertThat(TransactionId.lot(highest.withLot(lot, 7).low(), 7)).isEqualTo(lot);
      assertThat(highest.withLot(lot, 7).low() >>> 32).isEqualTo(0xffff_ffffL);
    }
  }

  @Test
  void lotsAreDrawnEvenly() {
    var drawn = new int[5];
    for (int i = 0; i < 10_000; i++) {
      drawn[TransactionId.lot(id().low(), 5)]++;
    }
    for (int count : drawn) {
      assertThat(count).isBetween(1800, 2200);
    }
  }
}
