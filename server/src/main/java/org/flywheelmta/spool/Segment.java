package org.flywheelmta.spool;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.SingleThreadSafe;

/**
 * One use of a segment, and what of it is still needed. It is built by recovery, and from then on
 * belongs to the commit thread; name and header never change and may be read by anyone.
 */
@SingleThreadSafe
final class Segment {
  /** Where it stands on its way round. */
  enum Phase {
    /** Records are appended to it. */
    ACTIVE,
    /** It is written to its end, or of an earlier start. */
    CLOSED,
    /** What it still holds for others is being read, to be repeated further on. */
    RESTATING,
    /** Nothing in it is needed; it is being blanked. */
    RETIRING
  }

  final Path path;
  final SegmentHeader header;
  Phase phase;

  /** Living transactions, and ones that are still arriving, with content here. */
  int bodies;

  /** Reads of content that are under way. */
  int pins;

  /** Recipients' current states here, of transactions whose record is still on disk. */
  int states;

  /** Records that outlive the segment whatever becomes of transactions, such as dedupe keys. */
  int carried;

  /** What this segment no longer holds is durable elsewhere once this LSN is forced. */
  long freeAfterLsn;

  /** It could not be read to its end, so its states stay where they are. */
  boolean unreadable;

  /** Finished transactions whose record is here and whose states are elsewhere. */
  final List<Residence> finished = new ArrayList<>();

  Segment(Path path, SegmentHeader header, Phase phase) {
    this.path = path;
    this.header = header;
    this.phase = phase;
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
