package org.flywheelmta.spool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Fields;
import org.jspecify.annotations.Nullable;

/**
 * Where each transaction whose record is on disk lives, and how far its recipients are: one entry
 * each, in columns of primitive arrays, some 50 bytes with the index. What few have (several
 * recipients, chunks, changed fields) is an object at the side.
 *
 * <p>An entry has a handle, which stays the same until it is removed. The columns are made in
 * blocks, so that growing copies nothing.
 */
@SingleThreadSafe
final class Residences implements ResidenceIndex.Ids {
  /** No handle. */
  static final int NONE = -1;

  private static final int BLOCK_SHIFT = 12;
  private static final int BLOCK = 1 << BLOCK_SHIFT;
  private static final int MASK = BLOCK - 1;

  /** Entries side by side, and which of them are free. */
  private static final class Block {
    final long[] high = new long[BLOCK];
    final long[] low = new long[BLOCK];
    // The LSN of the record that holds the state of a single recipient, shifted left by one; 0 for
    // none yet. The lowest bit says that it is final.
    final long[] state = new long[BLOCK];
    final int[] segment = new int[BLOCK];
    // Of a free entry: the next free one.
    final int[] position = new int[BLOCK];
    final int[] length = new int[BLOCK];
    @Nullable More @Nullable [] more;
    int free;
    int used;

    Block() {
      for (int i = 0; i < BLOCK; i++) {
        position[i] = i + 1;
      }
    }
  }

  /** What few entries have. */
  private static final class More {
    long @Nullable [] states;
    int waiting;
    List<Extent> chunks = List.of();
    Fields @Nullable [] amended;
  }

  private final List<@Nullable Block> blocks = new ArrayList<>();
  // Numbers of blocks with a free entry, and of places where there is no block.
  private final ArrayDeque<Integer> open = new ArrayDeque<>();
  private final ArrayDeque<Integer> absent = new ArrayDeque<>();
  private final ResidenceIndex index = new ResidenceIndex(this);
  private int size;

  int size() {
    return size;
  }

  /** The handle of an id; {@link #NONE}. */
  int find(TransactionId id) {
    return index.find(id.high(), id.low());
  }

  int find(long high, long low) {
    return index.find(high, low);
  }

  private Block block(int handle) {
    var block = blocks.get(handle >>> BLOCK_SHIFT);
    if (block == null) {
      throw Check.bug("a residence is asked for that was removed");
    }
    return block;
  }

  @Override
  public long high(int handle) {
    return block(handle).high[handle & MASK];
  }

  @Override
  public long low(int handle) {
    return block(handle).low[handle & MASK];
  }

  TransactionId id(int handle) {
    return new TransactionId(high(handle), low(handle));
  }

  /**
   * Adds an entry of an id that has none.
   *
   * @param segment number of the segment in which its record stands
   * @return its handle
   */
  int add(long high, long low, int segment, int position, int payloadLength, int recipients) {
    int number = openBlock();
    var block = block(number << BLOCK_SHIFT);
    int slot = block.free;
    block.free = block.position[slot];
    block.used++;
    if (block.used == BLOCK) {
      open.removeFirstOccurrence(number);
    }
    int handle = (number << BLOCK_SHIFT) | slot;
    block.high[slot] = high;
    block.low[slot] = low;
    block.state[slot] = 0;
    block.segment[slot] = segment;
    block.position[slot] = position;
    block.length[slot] = payloadLength;
    if (recipients > 1) {
      var more = more(block, slot);
      more.states = new long[recipients];
      more.waiting = recipients;
    }
    index.add(handle);
    size++;
    return handle;
  }

  private int openBlock() {
    var number = open.peekFirst();
    if (number != null) {
      return number;
    }
    var place = absent.pollFirst();
    int made = place == null ? blocks.size() : place;
    Check.that(made < 1 << (31 - BLOCK_SHIFT), "more transactions than handles");
    if (place == null) {
      blocks.add(new Block());
    } else {
      blocks.set(made, new Block());
    }
    open.addFirst(made);
    return made;
  }

  void remove(int handle) {
    index.remove(handle);
    size--;
    int number = handle >>> BLOCK_SHIFT;
    var block = block(handle);
    int slot = handle & MASK;
    if (block.more != null) {
      block.more[slot] = null;
    }
    block.position[slot] = block.free;
    block.free = slot;
    if (block.used-- == BLOCK) {
      // Last, so that blocks that are nearly empty become so.
      open.addLast(number);
    }
    if (block.used == 0 && open.size() > 1) {
      open.removeFirstOccurrence(number);
      blocks.set(number, null);
      absent.addFirst(number);
    }
  }

  private static @Nullable More moreOf(Block block, int slot) {
    return block.more == null ? null : block.more[slot];
  }

  private static @Nullable More[] sides(Block block) {
    var all = block.more;
    if (all == null) {
      all = new @Nullable More[BLOCK];
      block.more = all;
    }
    return all;
  }

  private static More more(Block block, int slot) {
    var all = sides(block);
    var more = all[slot];
    if (more == null) {
      more = new More();
      all[slot] = more;
    }
    return more;
  }

  private @Nullable More moreOf(int handle) {
    return moreOf(block(handle), handle & MASK);
  }

  /** Number of the segment in which its record stands. */
  int segment(int handle) {
    return block(handle).segment[handle & MASK];
  }

  int position(int handle) {
    return block(handle).position[handle & MASK];
  }

  int payloadLength(int handle) {
    return block(handle).length[handle & MASK];
  }

  void move(int handle, int segment, int position) {
    var block = block(handle);
    block.segment[handle & MASK] = segment;
    block.position[handle & MASK] = position;
  }

  /** The chunks of its content, not to be changed. */
  List<Extent> chunks(int handle) {
    var more = moreOf(handle);
    return more == null ? List.of() : more.chunks;
  }

  /**
   * @param chunks taken over, not copied
   */
  void setChunks(int handle, List<Extent> chunks) {
    if (!chunks.isEmpty() || moreOf(handle) != null) {
      more(block(handle), handle & MASK).chunks = chunks;
    }
  }

  int recipients(int handle) {
    var more = moreOf(handle);
    return more == null || more.states == null ? 1 : more.states.length;
  }

  /** True while any recipient waits. */
  boolean isLiving(int handle) {
    var more = moreOf(handle);
    if (more == null || more.states == null) {
      return (block(handle).state[handle & MASK] & 1) == 0;
    }
    return more.waiting > 0;
  }

  /** True when this recipient exists and has no final state. */
  boolean isWaiting(int handle, int recipient) {
    boolean exists = recipient >= 0 && recipient < recipients(handle);
    return exists && (rawState(handle, recipient) & 1) == 0;
  }

  private long rawState(int handle, int recipient) {
    var more = moreOf(handle);
    if (more == null || more.states == null) {
      Check.that(recipient == 0, "a single recipient has another index");
      return block(handle).state[handle & MASK];
    }
    return more.states[recipient];
  }

  /** The LSN of the record that holds a recipient's state; 0 for none. */
  long stateLsn(int handle, int recipient) {
    return rawState(handle, recipient) >>> 1;
  }

  /** Sets where a recipient's state stands; one that is final stays so. */
  void setState(int handle, int recipient, long lsn, boolean isFinal) {
    boolean waited = isWaiting(handle, recipient);
    long state = (lsn << 1) | ((isFinal || !waited) ? 1 : 0);
    var more = moreOf(handle);
    if (more == null || more.states == null) {
      block(handle).state[handle & MASK] = state;
      return;
    }
    if (isFinal && waited) {
      more.waiting--;
    }
    more.states[recipient] = state;
  }

  /** Everything that outcomes changed about a recipient so far. */
  Fields amended(int handle, int recipient) {
    var more = moreOf(handle);
    return more == null || more.amended == null ? Fields.NONE : more.amended[recipient];
  }

  /** The same of each recipient, as it is now; null where nothing was changed. */
  @Nullable List<Fields> amended(int handle) {
    var more = moreOf(handle);
    return more == null || more.amended == null ? null : List.of(more.amended);
  }

  void setAmended(int handle, int recipient, Fields fields) {
    var more = moreOf(handle);
    if ((more == null || more.amended == null) && fields.count() == 0) {
      return;
    }
    var kept = more(block(handle), handle & MASK);
    if (kept.amended == null) {
      kept.amended = new Fields[recipients(handle)];
      Arrays.fill(kept.amended, Fields.NONE);
    }
    kept.amended[recipient] = fields;
  }

  /**
   * Takes an entry of another table over, with all that it has; the other is not used again.
   *
   * @return its handle here
   */
  int adopt(Residences other, int handle) {
    int adopted =
        add(
            other.high(handle),
            other.low(handle),
            other.segment(handle),
            other.position(handle),
            other.payloadLength(handle),
            other.recipients(handle));
    block(adopted).state[adopted & MASK] = other.block(handle).state[handle & MASK];
    var more = other.moreOf(handle);
    if (more != null) {
      var block = block(adopted);
      sides(block)[adopted & MASK] = more;
    }
    return adopted;
  }

  /** How many transactions there are of which a recipient waits; it looks at all entries. */
  int countLiving() {
    var living = new int[1];
    int block = 0;
    while (visitBlock(block, handle -> living[0] += isLiving(handle) ? 1 : 0)) {
      block++;
    }
    return living[0];
  }

  /** Takes part in a walk over all entries. */
  interface Visitor {
    void visit(int handle);
  }

  /**
   * Visits the entries of one block.
   *
   * @param block from 0
   * @return false when there is no block of that number or a greater one
   */
  boolean visitBlock(int block, Visitor visitor) {
    if (block >= blocks.size()) {
      return false;
    }
    var entries = blocks.get(block);
    if (entries == null || entries.used == 0) {
      return true;
    }
    var free = new boolean[BLOCK];
    int slot = entries.free;
    for (int i = entries.used; i < BLOCK; i++) {
      free[slot] = true;
      slot = entries.position[slot];
    }
    for (int i = 0; i < BLOCK; i++) {
      if (!free[i]) {
        visitor.visit((block << BLOCK_SHIFT) | i);
      }
    }
    return true;
  }
}
