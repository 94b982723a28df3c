package org.flywheelmta.domain;

import java.util.ArrayDeque;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Walk;
import org.jspecify.annotations.Nullable;

/**
 * Makes stubs of the messages in the active queues of a scheduler, once memory is short ({@link
 * Level#SPILLING}) and for as long as it is. The spool still has what leaves.
 */
@NonThreadSafe
final class SwapOut {
  /** How many messages, or records, one pass looks at. */
  static final int MOST_PER_PASS = 1000;

  private final DomainTable table;
  private final MemoryBudget memory;
  private final Walk walk;

  SwapOut(DomainTable table) {
    this.table = table;
    this.memory = table.neighbours.memory();
    this.walk = new Walk(table.scheduler, () -> new Records()::step);
  }

  void ask() {
    walk.ask();
  }

  void stop() {
    walk.stop();
  }

  /** One way through the records that there were at its beginning. */
  private final class Records {
    private final ArrayDeque<DomainRecord> left = new ArrayDeque<>(table.records());
    private @Nullable Waiting at;

    boolean step() {
      for (int looked = 0; looked < MOST_PER_PASS; looked++) {
        var record = left.peek();
        if (record == null || !memory.atLeast(Level.SPILLING)) {
          return false;
        }
        int most = MOST_PER_PASS - looked;
        at = table.has(record) ? record.active.swapOut(at, most, memory.counters().swapsOut) : null;
        if (at != null) {
          return true;
        }
        left.remove();
        looked += record.active.size();
      }
      return !left.isEmpty();
    }
  }
}
