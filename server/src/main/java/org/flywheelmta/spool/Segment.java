package org.flywheelmta.spool;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.flywheelmta.base.SingleThreadSafe;

/**
 * One use of a segment, and what of it is still needed. It is built by recovery, and from then on
 * belongs to the commit thread; name and header never change and may be read by anyone.
 */
@SingleThreadSafe
final class Segment {
  // A state takes about so much.
  private static final int STATE_BYTES = 192;

  private static final int[] NONE = {};

  /** Where it stands on its way round. */
  enum Phase {
    /** Records are appended to it. */
    ACTIVE,
    /** It is written to its end, or of an earlier start. */
    CLOSED,
    /** What it still holds is being read, to be repeated further on. */
    RESTATING,
    /** Nothing in it is needed; it is being blanked. */
    RETIRING
  }

  final Path path;
  final SegmentHeader header;
  Phase phase;

  /** Records of living transactions, and of ones that are still arriving, with content here. */
  int bodies;

  /** Octets of those records. */
  long bodyBytes;

  /**
   * Reads of content that are under way, and segments on disk that hold older copies of records
   * here: while those could come back, what became of these must not be forgotten.
   */
  int pins;

  /** Segments into which records of this one were moved; each is pinned until this one is blank. */
  final Set<Segment> movedInto = new LinkedHashSet<>();

  /** Recipients' current states here, of transactions whose record is still on disk. */
  int states;

  /** Records that outlive the segment whatever becomes of transactions, such as dedupe keys. */
  int carried;

  /** The last LSN when it was closed, by which its age is known; 0 for one of an earlier start. */
  long closedLsn;

  /** Octets from its first record to the end of its last, once it is closed. */
  long usedBytes;

  /** What this segment no longer holds is durable elsewhere once this LSN is forced. */
  long freeAfterLsn;

  /** It could not be read to its end, so its states stay where they are. */
  boolean unreadable;

  /** Handles of finished transactions whose record is here and whose states are elsewhere. */
  private int[] finished = NONE;

  private int finishedCount;

  Segment(Path path, SegmentHeader header, Phase phase) {
    this.path = path;
    this.header = header;
    this.phase = phase;
  }

  /** Remembers a finished transaction until this segment is blank. */
  void addFinished(int handle) {
    if (finishedCount == finished.length) {
      finished = Arrays.copyOf(finished, Math.max(16, 2 * finishedCount));
    }
    finished[finishedCount++] = handle;
  }

  /** The finished transactions that were added, which are forgotten here. */
  int[] takeFinished() {
    var taken = Arrays.copyOf(finished, finishedCount);
    finished = NONE;
    finishedCount = 0;
    return taken;
  }

  /** Number in its name, by which accounts know it. */
  int number() {
    return header.number();
  }

  /** About how many octets of its records are still needed. */
  long neededBytes() {
    return bodyBytes + (long) STATE_BYTES * (states + carried);
  }

  /** True when no transaction needs its content any more. */
  boolean isWithoutBodies() {
    return bodies == 0 && pins == 0;
  }

  @Override
  public String toString() {
    return path.getFileName() + " " + phase;
  }
}
