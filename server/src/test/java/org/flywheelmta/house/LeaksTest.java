package org.flywheelmta.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Runs after all other tests: none of them has lost a buffer. */
@Tag("sockets")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LeaksTest {
  private static final int COLLECTIONS = 20;
  private static final int LEAKED_BYTES = 7_777;

  @Test
  @Order(1)
  void noTestHasLeakedABuffer() {
    collect();
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  @Test
  @Order(2)
  void leakIsFound() {
    // An allocator of its own, since what is lost here must not be missed in the shared one.
    lose(new PooledByteBufAllocator(true).directBuffer(LEAKED_BYTES));
    for (int i = 0; i < COLLECTIONS && LeakWatch.leaks().isEmpty(); i++) {
      collect();
    }
    List<String> found = LeakWatch.leaks();
    assertThat(found).hasSize(1);
    assertThat(found.getFirst()).contains("was not released");
    LeakWatch.forget(found.getFirst());
  }

  private static void lose(ByteBuf buffer) {
    assertThat(buffer.capacity()).isEqualTo(LEAKED_BYTES);
  }

  /** The detector looks for what the collector has found when the next buffers are made. */
  private static void collect() {
    System.gc();
    for (int i = 0; i < COLLECTIONS; i++) {
      PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
      PooledByteBufAllocator.DEFAULT.heapBuffer(1).release();
    }
  }
}
