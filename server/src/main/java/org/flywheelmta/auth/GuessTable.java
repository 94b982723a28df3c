package org.flywheelmta.auth;

import java.util.concurrent.atomic.AtomicLongArray;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;

/**
 * How many failures each key has had lately, in memory that does not grow: a count-min sketch
 * (Cormode and Muthukrishnan 2005) of levels that leak. A level is a span of time: a failure adds
 * to it what it takes to be forgotten, and time takes it away. A cell is the instant at which its
 * level will be nothing.
 *
 * <p>The level of a key is the lowest of its four cells: never less than what the key has earned
 * (but for what the cap cuts off), and more only where each of the four is shared. Nothing is ever
 * evicted. Without locks, on any thread.
 */
@ConcurrentThreadSafe
final class GuessTable {
  private static final int ROWS = 4;

  private final int cellsPerRow;
  private final long mostNanos;
  private final AtomicLongArray emptyAt;

  /**
   * @param cellsPerRow a power of two; 32 octets each in all
   * @param mostNanos no level rises above this
   */
  GuessTable(int cellsPerRow, long mostNanos) {
    Check.that(Integer.bitCount(cellsPerRow) == 1, "a table whose size is no power of two");
    this.cellsPerRow = cellsPerRow;
    this.mostNanos = mostNanos;
    this.emptyAt = new AtomicLongArray(ROWS * cellsPerRow);
  }

  /** The level of a key, in nanoseconds until all is forgotten; 0 for nothing. */
  long level(GuessKey key, long nowNanos) {
    long lowest = Long.MAX_VALUE;
    for (int row = 0; row < ROWS; row++) {
      lowest = Math.min(lowest, emptyAt.get(cell(key, row)));
    }
    return Math.max(0, lowest - nowNanos);
  }

  /** Raises the level of a key. */
  void add(GuessKey key, long nanos, long nowNanos) {
    for (int row = 0; row < ROWS; row++) {
      emptyAt.accumulateAndGet(
          cell(key, row),
          nanos,
          (empty, more) -> Math.min(nowNanos + mostNanos, Math.max(empty, nowNanos) + more));
    }
  }

  /** Lowers the level of a key by what was added to it before and has not leaked yet. */
  void takeBack(GuessKey key, long nanos) {
    for (int row = 0; row < ROWS; row++) {
      emptyAt.addAndGet(cell(key, row), -nanos);
    }
  }

  private int cell(GuessKey key, int row) {
    return row * cellsPerRow + (int) (key.part(row) & (cellsPerRow - 1));
  }
}
