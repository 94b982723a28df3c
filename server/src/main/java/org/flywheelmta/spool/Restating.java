package org.flywheelmta.spool;

import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.DiskFailure;

/**
 * Adds to batches what {@link Recycling} repeats, as far as there is room that nobody else has a
 * claim to. Part of the commit thread.
 */
@SingleThreadSafe
final class Restating {
  private final Recycling recycling;
  private final LogWriter writer;
  private final LogEnd end;
  private final LogRoom room;
  // They found no room in this pass; a request that makes room wakes them.
  private boolean held;

  Restating(Recycling recycling, LogWriter writer, LogEnd end, LogRoom room) {
    this.recycling = recycling;
    this.writer = writer;
    this.end = end;
    this.room = room;
  }

  /** A pass begins. */
  void begin() {
    held = false;
  }

  /** True when there is something to repeat, and room for it was not missed in this pass. */
  boolean isReady() {
    return recycling.hasRestates() && !held;
  }

  /** Adds to the batch what goes into it. */
  void addToBatch() throws DiskFailure {
    while (recycling.hasRestates() && !writer.isBatchFull()) {
      if (!recycling.takesRoom() || hasRoom()) {
        recycling.addRestate();
      } else if (room.isExhausted() && recycling.isNextContent()) {
        // Behind it there may be what gives a segment back; the content stays where it is.
        recycling.skip();
      } else if (!restateWhole()) {
        held = true;
        return;
      }
    }
  }

  /** Without a spare segment the active one may be the last, which is kept for outcomes. */
  private boolean hasRoom() throws DiskFailure {
    if (writer.hasRoom(recycling.payloadBytes(), recycling.factBytes())) {
      return writer.spares() > 0;
    }
    if (writer.spares() < 2) {
      return false;
    }
    room.roll();
    return true;
  }

  /**
   * Repeats what a segment still holds in the last one that there is, if that gives the segment
   * back at once: as a whole, and forced. A part of it would use up what outcomes need and free
   * nothing; and since only outcomes finish transactions, nothing would ever be freed again.
   *
   * <p>Where it does not fit, waiting is safe. The oldest segment holds no state of a transaction
   * in another one that is older still, so it goes without restating once its own are finished, and
   * then the next.
   */
  private boolean restateWhole() throws DiskFailure {
    int spareBytes = writer.spares() > 0 ? writer.blankRoomBytes() : 0;
    long bytes = recycling.bytesToEmptyNext(Math.max(spareBytes, writer.roomBytes()));
    if (bytes < 0) {
      return false;
    }
    if (bytes > writer.roomBytes()) {
      room.roll();
    }
    do {
      if (writer.isBatchFull()) {
        end.write();
      }
    } while (recycling.addRestate());
    end.write();
    end.force();
    return true;
  }
}
