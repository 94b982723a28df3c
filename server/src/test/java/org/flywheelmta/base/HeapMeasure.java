package org.flywheelmta.base;

import java.lang.ref.Reference;
import java.util.function.Supplier;

/** How much of the heap something takes. */
public final class HeapMeasure {
  private static final int ROUNDS = 3;
  private static final int COLLECTIONS = 4;

  private HeapMeasure() {}

  /**
   * The bytes that come free when nobody holds what {@code made} gives any more. What others leave
   * behind meanwhile only adds to that, so the least of a few rounds is taken.
   */
  public static long bytes(Supplier<Object> made) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      least = Math.min(least, usedWith(made) - used());
    }
    return least;
  }

  private static long usedWith(Supplier<Object> made) {
    var held = made.get();
    try {
      return used();
    } finally {
      Reference.reachabilityFence(held);
    }
  }

  private static long used() {
    var runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }
}
