package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/** The chunks of one content that recovery found, and whether they are all there. */
@NonThreadSafe
final class FoundChunks {
  // Chunks of one content can be found out of order once some were moved, yet not from nowhere.
  private static final int MOST_AHEAD = 1 << 20;

  private final List<@Nullable Extent> found = new ArrayList<>();
  private int expected = -1;
  private long lsn;

  /** The record that commits them was found. */
  void committed(int count, long ofLsn) {
    expected = count;
    lsn = ofLsn;
  }

  /**
   * A chunk was found.
   *
   * @param restated whether it is one that was moved
   * @return the copy that it replaces; null for none
   */
  @Nullable Extent put(int index, Extent chunk, boolean restated) {
    if (index == 0 && !restated) {
      // A content of the same id that was begun before and given up.
      found.clear();
    }
    if (index < 0 || index > found.size() + MOST_AHEAD) {
      return null;
    }
    while (found.size() <= index) {
      found.add(null);
    }
    return found.set(index, chunk);
  }

  boolean isCommitted() {
    return expected >= 0;
  }

  boolean isWhole() {
    if (expected < 0 || found.size() < expected) {
      return false;
    }
    for (int i = 0; i < expected; i++) {
      if (found.get(i) == null) {
        return false;
      }
    }
    return true;
  }

  /** All that the record commits, once {@link #isWhole}. */
  List<Extent> extents() {
    var extents = new ArrayList<Extent>(expected);
    for (int i = 0; i < expected; i++) {
      var extent = found.get(i);
      if (extent != null) {
        extents.add(extent);
      }
    }
    return extents;
  }

  /** LSN of the record that commits them. */
  long lsn() {
    return lsn;
  }
}
