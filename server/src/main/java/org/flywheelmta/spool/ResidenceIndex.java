package org.flywheelmta.spool;

import java.util.Arrays;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;

/**
 * From ids to handles: open addressing with linear probing over handles alone, in parts that grow
 * one at a time, so that no insertion waits for more than a 256th of all to be placed anew.
 */
@SingleThreadSafe
final class ResidenceIndex {
  private static final int PARTS = 256;
  private static final int FIRST_ROOM = 8;
  private static final int EMPTY = 0;

  /** Where the ids stand that the handles are of. */
  interface Ids {
    long high(int handle);

    long low(int handle);
  }

  private final Ids ids;
  // Handles plus one; 0 where there is none.
  private final int[][] parts = new int[PARTS][];
  private final int[] sizes = new int[PARTS];

  ResidenceIndex(Ids ids) {
    this.ids = ids;
  }

  private static long hash(long high, long low) {
    long mixed = (high ^ Long.rotateLeft(low, 32)) * 0x9e37_79b9_7f4a_7c15L;
    mixed = (mixed ^ low ^ (mixed >>> 29)) * 0xbf58_476d_1ce4_e5b9L;
    return mixed ^ (mixed >>> 32);
  }

  /** The handle of an id; {@link Residences#NONE}. */
  int find(long high, long low) {
    long hash = hash(high, low);
    var part = parts[(int) (hash >>> 56)];
    if (part == null) {
      return Residences.NONE;
    }
    int mask = part.length - 1;
    for (int at = (int) hash & mask; part[at] != EMPTY; at = (at + 1) & mask) {
      int handle = part[at] - 1;
      if (ids.low(handle) == low && ids.high(handle) == high) {
        return handle;
      }
    }
    return Residences.NONE;
  }

  /** Adds a handle whose id is in its place already and is not in the index. */
  void add(int handle) {
    long hash = hash(ids.high(handle), ids.low(handle));
    int number = (int) (hash >>> 56);
    var part = parts[number];
    if (part == null || 3 * (sizes[number] + 1) > 2 * part.length) {
      part = grow(number);
    }
    put(part, hash, handle);
    sizes[number]++;
  }

  private int[] grow(int number) {
    var old = parts[number];
    var grown = new int[old == null ? FIRST_ROOM : 2 * old.length];
    if (old != null) {
      refill(grown, old);
    }
    parts[number] = grown;
    return grown;
  }

  private void refill(int[] into, int[] old) {
    for (int entry : old) {
      if (entry != EMPTY) {
        put(into, hash(ids.high(entry - 1), ids.low(entry - 1)), entry - 1);
      }
    }
  }

  private static void put(int[] part, long hash, int handle) {
    int mask = part.length - 1;
    int at = (int) hash & mask;
    while (part[at] != EMPTY) {
      at = (at + 1) & mask;
    }
    part[at] = handle + 1;
  }

  /** Takes a handle out whose id is still in its place. */
  void remove(int handle) {
    long hash = hash(ids.high(handle), ids.low(handle));
    int number = (int) (hash >>> 56);
    var part = parts[number];
    int mask = part.length - 1;
    int at = (int) hash & mask;
    while (part[at] != handle + 1) {
      Check.that(part[at] != EMPTY, "a residence is not in its index");
      at = (at + 1) & mask;
    }
    closeUp(part, at);
    sizes[number]--;
    if (part.length > FIRST_ROOM && 8 * sizes[number] < part.length) {
      var smaller = new int[part.length / 2];
      refill(smaller, part);
      parts[number] = smaller;
    }
  }

  /** Moves back what probed over the place that becomes free. */
  private void closeUp(int[] part, int free) {
    int mask = part.length - 1;
    int hole = free;
    for (int at = (hole + 1) & mask; part[at] != EMPTY; at = (at + 1) & mask) {
      int handle = part[at] - 1;
      int ideal = (int) hash(ids.high(handle), ids.low(handle)) & mask;
      boolean mayMove = ((at - ideal) & mask) >= ((at - hole) & mask);
      if (mayMove) {
        part[hole] = part[at];
        hole = at;
      }
    }
    part[hole] = EMPTY;
  }

  void clear() {
    Arrays.fill(parts, null);
    Arrays.fill(sizes, 0);
  }
}
