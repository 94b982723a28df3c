package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;

/**
 * Dedupe keys, each with the transaction that it names and the segment in which its record stands:
 * columns of primitive arrays, at most 56 bytes each with the index, in blocks, so that growing
 * copies nothing. They are a heap besides, by the instant in the transaction's id: the oldest is
 * found at once.
 *
 * <p>An entry has a handle below {@link #size()}, which is another one's once any is removed.
 */
@SingleThreadSafe
final class DedupeKeys implements ResidenceIndex.Ids {
  /** No handle. */
  static final int NONE = Residences.NONE;

  private static final int BLOCK_SHIFT = 12;
  private static final int BLOCK = 1 << BLOCK_SHIFT;
  private static final int MASK = BLOCK - 1;

  private static final class Block {
    final long[] high = new long[BLOCK];
    final long[] low = new long[BLOCK];
    final long[] idHigh = new long[BLOCK];
    final long[] idLow = new long[BLOCK];
    final int[] segment = new int[BLOCK];
    // Where the entry stands in the heap.
    final int[] place = new int[BLOCK];
    // By place in the heap: the handle of the entry there.
    final int[] heap = new int[BLOCK];
  }

  private final List<Block> blocks = new ArrayList<>();
  private final ResidenceIndex index = new ResidenceIndex(this);
  private int size;

  int size() {
    return size;
  }

  private Block block(int handle) {
    return blocks.get(handle >>> BLOCK_SHIFT);
  }

  @Override
  public long high(int handle) {
    return block(handle).high[handle & MASK];
  }

  @Override
  public long low(int handle) {
    return block(handle).low[handle & MASK];
  }

  /** The handle of a key; {@link #NONE}. */
  int find(DedupeKey key) {
    return index.find(key.high(), key.low());
  }

  /** The transaction that a key names. */
  TransactionId id(int handle) {
    var block = block(handle);
    return new TransactionId(block.idHigh[handle & MASK], block.idLow[handle & MASK]);
  }

  /** Number of the segment in which the record stands that tells of a key. */
  int segment(int handle) {
    return block(handle).segment[handle & MASK];
  }

  void setSegment(int handle, int segment) {
    block(handle).segment[handle & MASK] = segment;
  }

  /** The handle of the key whose transaction began first; {@link #NONE} where there are none. */
  int oldest() {
    return size == 0 ? NONE : heap(0);
  }

  /** Adds a key that is not there. */
  void add(DedupeKey key, TransactionId id, int segment) {
    int handle = size;
    if (handle >>> BLOCK_SHIFT == blocks.size()) {
      blocks.add(new Block());
    }
    size++;
    var block = block(handle);
    int slot = handle & MASK;
    block.high[slot] = key.high();
    block.low[slot] = key.low();
    block.idHigh[slot] = id.high();
    block.idLow[slot] = id.low();
    block.segment[slot] = segment;
    index.add(handle);
    rise(handle, handle);
  }

  void remove(int handle) {
    Check.that(handle >= 0 && handle < size, "a dedupe key is removed that is not there");
    index.remove(handle);
    int last = size - 1;
    int place = place(handle);
    int moved = heap(last);
    if (place != last) {
      put(place, moved);
      rise(place, moved);
      sink(place(moved), moved);
    }
    if (handle != last) {
      index.remove(last);
      copy(last, handle);
      index.add(handle);
    }
    size = last;
    // One block stays in spare, so that a size about its border makes and drops none.
    if (((size + BLOCK - 1) >>> BLOCK_SHIFT) + 1 < blocks.size()) {
      blocks.removeLast();
    }
  }

  private void copy(int from, int to) {
    var source = block(from);
    var target = block(to);
    int at = from & MASK;
    int slot = to & MASK;
    target.high[slot] = source.high[at];
    target.low[slot] = source.low[at];
    target.idHigh[slot] = source.idHigh[at];
    target.idLow[slot] = source.idLow[at];
    target.segment[slot] = source.segment[at];
    put(source.place[at], to);
  }

  private int place(int handle) {
    return block(handle).place[handle & MASK];
  }

  private int heap(int place) {
    return block(place).heap[place & MASK];
  }

  private void put(int place, int handle) {
    block(place).heap[place & MASK] = handle;
    block(handle).place[handle & MASK] = place;
  }

  private boolean isOlder(int handle, int other) {
    long own = block(handle).idHigh[handle & MASK];
    return Long.compareUnsigned(own, block(other).idHigh[other & MASK]) < 0;
  }

  /** Puts an entry where it belongs, from a place that it may be too old for. */
  private void rise(int from, int handle) {
    int place = from;
    while (place > 0) {
      int parent = heap((place - 1) >>> 1);
      if (!isOlder(handle, parent)) {
        break;
      }
      put(place, parent);
      place = (place - 1) >>> 1;
    }
    put(place, handle);
  }

  /** The same from one that it may be too young for; the last place is not in use any more. */
  private void sink(int from, int handle) {
    int places = size - 1;
    int place = from;
    for (int child = 2 * place + 1; child < places; child = 2 * place + 1) {
      if (child + 1 < places && isOlder(heap(child + 1), heap(child))) {
        child++;
      }
      int below = heap(child);
      if (!isOlder(below, handle)) {
        break;
      }
      put(place, below);
      place = child;
    }
    put(place, handle);
  }
}
