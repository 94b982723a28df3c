package org.flywheelmta.spool;

import java.nio.file.Path;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.DiskFailure;

/**
 * Makes room for records: begins the next segment where the active one is full, and says who gets
 * the last of it. Part of the commit thread.
 */
@SingleThreadSafe
final class LogRoom {
  /** Whether a record can be added. */
  enum Answer {
    READY,
    /** A segment is being made. */
    LATER,
    /** None can be made. */
    NONE
  }

  private final Path path;
  private final LogWriter writer;
  private final LogEnd end;
  private final Accounts accounts;
  private final SegmentDuty segmentDuty;
  private final OperatorLog log;
  private boolean exhausted;
  private boolean waitingForSegment;
  private boolean stalled;

  LogRoom(
      Path path,
      LogWriter writer,
      LogEnd end,
      Accounts accounts,
      SegmentDuty segmentDuty,
      OperatorLog log) {
    this.path = path;
    this.writer = writer;
    this.end = end;
    this.accounts = accounts;
    this.segmentDuty = segmentDuty;
    this.log = log;
  }

  /**
   * A pass begins.
   *
   * @param isStalled whether a write still waits for room
   */
  void begin(boolean isStalled) {
    waitingForSegment = false;
    if (stalled && !isStalled) {
      stalled = false;
      log.info("The spool at " + path + " is written again.");
    }
  }

  /** A write found no room. */
  void onStalled() {
    if (!stalled) {
      stalled = true;
      log.error(
          "The spool at "
              + path
              + " cannot be written, since its disk has no room: new mail is refused until it has.");
    }
  }

  /** True while a write waits for room. */
  boolean isStalled() {
    return stalled;
  }

  /** Whether the disk has no room for another segment is known anew. */
  void onExhausted(boolean now) {
    if (now && !exhausted) {
      log.error(
          "The spool at "
              + path
              + " has no room for another segment: new mail is refused, deliveries go on.");
    } else if (!now && exhausted) {
      log.info("The spool at " + path + " has room again.");
    }
    exhausted = now;
  }

  /** True when the disk has no room for another segment. */
  boolean isExhausted() {
    return exhausted;
  }

  /** True when a record was asked for in this pass that waits for a segment. */
  boolean isWaitingForSegment() {
    return waitingForSegment;
  }

  /** True when no more than the rest of the last segment is left, which is kept for outcomes. */
  boolean isReserveBegun() {
    return exhausted && writer.spares() == 0;
  }

  /**
   * Makes room for a record.
   *
   * @param factBytes length of its fact's body
   * @param reserve whether it may use the last segment, which is kept for outcomes
   */
  Answer make(int payloadBytes, int factBytes, boolean reserve) throws DiskFailure {
    if (writer.hasRoom(payloadBytes, factBytes)) {
      return isReserveBegun() && !reserve ? Answer.NONE : Answer.READY;
    }
    if (writer.spares() >= (reserve ? 1 : 2)) {
      roll();
      return Answer.READY;
    }
    waitingForSegment = !exhausted;
    return exhausted && !reserve ? Answer.NONE : Answer.LATER;
  }

  /** Goes on in the next segment. */
  void roll() throws DiskFailure {
    end.write();
    end.force();
    accounts.add(writer.roll());
    // Their content may have been finished before they were closed.
    accounts.easeClosed();
    segmentDuty.spareTaken();
  }
}
