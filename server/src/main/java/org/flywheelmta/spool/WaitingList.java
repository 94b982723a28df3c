package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * Recipients that wait, as recovery found them, in the order in which their records lie: 28 octets
 * each, in blocks that are let go one by one.
 */
@NonThreadSafe
final class WaitingList {
  private static final int BLOCK = 1024;

  private static final class Block {
    final Segment[] segment = new Segment[BLOCK];
    final int[] factAt = new int[BLOCK];
    final int[] recipient = new int[BLOCK];
    final int[] attempts = new int[BLOCK];
    final long[] dueMicros = new long[BLOCK];
  }

  private final List<@Nullable Block> blocks = new ArrayList<>();
  private int size;
  private int next;

  // What next() moved to.
  private @Nullable Block current;
  private int slot;

  /**
   * @param factAt where in its segment's facts that of its transaction begins
   */
  void add(Segment segment, int factAt, int recipient, int attempts, long dueMicros) {
    int at = size % BLOCK;
    if (at == 0) {
      blocks.add(new Block());
    }
    var block = blocks.getLast();
    if (block != null) {
      block.segment[at] = segment;
      block.factAt[at] = factAt;
      block.recipient[at] = recipient;
      block.attempts[at] = attempts;
      block.dueMicros[at] = dueMicros;
    }
    size++;
  }

  int size() {
    return size;
  }

  /** Moves to the next; false at the end. What was passed is gone. */
  boolean next() {
    if (next == size) {
      return false;
    }
    int block = next / BLOCK;
    if (next % BLOCK == 0 && block > 0) {
      blocks.set(block - 1, null);
    }
    current = blocks.get(block);
    slot = next % BLOCK;
    next++;
    return true;
  }

  private Block current() {
    var block = current;
    if (block == null) {
      throw Check.bug("a list is read before its first entry");
    }
    return block;
  }

  Segment segment() {
    return current().segment[slot];
  }

  int factAt() {
    return current().factAt[slot];
  }

  int recipient() {
    return current().recipient[slot];
  }

  int attempts() {
    return current().attempts[slot];
  }

  long dueMicros() {
    return current().dueMicros[slot];
  }
}
