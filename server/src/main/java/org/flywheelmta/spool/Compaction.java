package org.flywheelmta.spool;

import java.util.Arrays;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * Chooses segments that keep few survivors, and finds out which those are. What is still needed of
 * a chosen one is then moved further on, so that it becomes blank. Part of the commit thread.
 *
 * <p>The choice is that of Rosenblum and Ousterhout (1992): the greatest gain for the cost, {@code
 * (1 - u) * age / (1 + u)}, where u is the part that is needed and age is measured in LSNs.
 */
@SingleThreadSafe
final class Compaction {
  // What is needed to a greater part costs more than it gives.
  private static final double MOST_NEEDED = 0.8;
  // A segment that was closed a quarter of so many small records ago empties by itself.
  private static final int SMALL_RECORD_BYTES = 1024;
  private static final int BLOCKS_PER_STEP = 8;
  // Some segments are always half full: the active one, and those that just empty.
  private static final int SLACK_SEGMENTS = 1;

  private final int percent;
  private final boolean enabled;
  private @Nullable Segment source;
  private int[] positions = new int[64];
  private int count;
  private int block;

  Compaction(SpoolSettings.Upkeep upkeep) {
    this.percent = upkeep.compactionPercent();
    this.enabled = upkeep.compactionBytesPerSecond() > 0;
  }

  /** True while the survivors of a segment are being counted up. */
  boolean isCollecting() {
    return source != null;
  }

  /**
   * Chooses a segment when too much is held for what is needed.
   *
   * @param lastLsn the last one that was given
   */
  void choose(Accounts accounts, long lastLsn) {
    if (!enabled || source != null) {
      return;
    }
    long held = 0;
    long needed = 0;
    Segment best = null;
    double bestGain = 0;
    for (var segment : accounts.segments()) {
      if (!isEligible(segment)) {
        continue;
      }
      long bytes = segment.header.segmentBytes();
      held += bytes;
      needed += segment.neededBytes();
      double part = (double) segment.neededBytes() / bytes;
      long age = lastLsn - segment.closedLsn;
      double gain = (1 - part) * age / (1 + part);
      boolean young = segment.closedLsn != 0 && age < bytes / 4 / SMALL_RECORD_BYTES;
      if (isWorthIt(segment) && !young && gain > bestGain) {
        best = segment;
        bestGain = gain;
      }
    }
    if (best == null || held * 100 <= needed * percent + slack(best) * 100) {
      return;
    }
    best.phase = Segment.Phase.RESTATING;
    source = best;
    count = 0;
    block = 0;
  }

  /**
   * Whether moving what is needed leaves something out: records that nobody needs, or most of a
   * segment that was never filled. What was just moved together has neither, however much room the
   * lengths of its records left at the end, so that this ends.
   */
  private static boolean isWorthIt(Segment segment) {
    return segment.neededBytes() <= MOST_NEEDED * segment.usedBytes
        || segment.usedBytes < segment.header.segmentBytes() / 2;
  }

  private static long slack(Segment segment) {
    return (long) SLACK_SEGMENTS * segment.header.segmentBytes();
  }

  private static boolean isEligible(Segment segment) {
    // One under a pin holds copies of what is on disk elsewhere, and would stay all the same.
    return segment.phase == Segment.Phase.CLOSED && !segment.unreadable && segment.pins == 0;
  }

  /**
   * Looks on for survivors of the chosen segment.
   *
   * @return the positions of their records, ascending, once all have been found; else null
   */
  int @Nullable [] collect(Accounts accounts) {
    var from = source;
    if (from == null) {
      return null;
    }
    for (int i = 0; i < BLOCKS_PER_STEP; i++) {
      if (!accounts.residences().visitBlock(block, handle -> add(accounts, handle, from))) {
        var found = Arrays.copyOf(positions, count);
        Arrays.sort(found);
        return found;
      }
      block++;
    }
    return null;
  }

  private void add(Accounts accounts, int handle, Segment from) {
    var residences = accounts.residences();
    if (!residences.isLiving(handle)) {
      return;
    }
    if (accounts.homeSegment(handle) == from) {
      add(residences.position(handle));
    }
    for (var chunk : residences.chunks(handle)) {
      if (chunk.segment() == from) {
        add(chunk.position());
      }
    }
  }

  private void add(int position) {
    if (count == positions.length) {
      positions = Arrays.copyOf(positions, 2 * count);
    }
    positions[count++] = position;
  }

  /** The chosen segment; it is chosen no longer. */
  Segment take() {
    var taken = source;
    if (taken == null) {
      throw Check.bug("no segment was chosen to be compacted");
    }
    source = null;
    return taken;
  }
}
