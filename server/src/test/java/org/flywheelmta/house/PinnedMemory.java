package org.flywheelmta.house;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails each test after which the shared allocators have more pinned than before it. It is
 * registered for all tests, outside of everything that a test sets up and takes down, and compares
 * with what the test before has left: so what constructors and set-up methods take counts too.
 *
 * <p>It needs no luck: the search for leaks at the end of a run sees only what the collector has
 * found, this sees a buffer that is still reachable as well.
 */
public final class PinnedMemory implements AfterEachCallback {
  /**
   * How many milliseconds threads of a test may take to give back what they hold, once it has
   * ended; a parameter of a run of the tests.
   */
  static final String GRACE = "flywheel.pinned.grace";

  private static final long GRACE_MILLIS = 5_000;
  private static final long LOOK_AGAIN_NANOS = 1_000_000;

  // What was pinned after the test before. Tests run one after another.
  private static Pinned before = Pinned.now();

  /** Bytes in buffers that were taken and not given back, by allocator and kind. */
  private record Pinned(long pooledDirect, long pooledHeap, long direct, long heap) {
    static Pinned now() {
      var pooled = PooledByteBufAllocator.DEFAULT;
      var unpooled = UnpooledByteBufAllocator.DEFAULT.metric();
      return new Pinned(
          pooled.pinnedDirectMemory(),
          pooled.pinnedHeapMemory(),
          unpooled.usedDirectMemory(),
          unpooled.usedHeapMemory());
    }

    boolean isAbove(Pinned other) {
      return pooledDirect > other.pooledDirect
          || pooledHeap > other.pooledHeap
          || direct > other.direct
          || heap > other.heap;
    }

    String above(Pinned other) {
      return "%d bytes pooled direct, %d pooled heap, %d direct, %d heap"
          .formatted(
              pooledDirect - other.pooledDirect,
              pooledHeap - other.pooledHeap,
              direct - other.direct,
              heap - other.heap);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    long graceMillis = context.getConfigurationParameter(GRACE, Long::valueOf).orElse(GRACE_MILLIS);
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(graceMillis);
    var now = Pinned.now();
    while (now.isAbove(before) && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      now = Pinned.now();
    }
    var last = before;
    // One test is blamed for one leak.
    before = now;
    if (now.isAbove(last)) {
      throw new AssertionError(
          context.getRequiredTestClass().getName()
              + "."
              + context.getRequiredTestMethod().getName()
              + " "
              + context.getDisplayName()
              + " has left buffers: "
              + now.above(last));
    }
  }
}
