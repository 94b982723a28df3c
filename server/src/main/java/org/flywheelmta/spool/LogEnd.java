package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Duty;

/**
 * When the end of the log is written, forced and marked, and who is answered by that. Part of the
 * commit thread.
 */
@SingleThreadSafe
final class LogEnd {
  static final long FORCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  static final long MARK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** How soon a write that found no room is tried again. */
  static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final LogWriter writer;
  private final SpoolStatistics statistics;
  private final Completions completions;
  private final List<Request.Commit> unforcedCommits = new ArrayList<>();
  private final List<Request.FindKey> unforcedKeys = new ArrayList<>();
  private final List<Request.Append> unwrittenChunks = new ArrayList<>();
  private final List<Runnable> onceForced = new ArrayList<>();
  private long nowNanos;
  private long unforcedSinceNanos;
  private long lastWriteNanos;
  private boolean markDue;
  private boolean stalled;
  private long stalledNanos;

  LogEnd(LogWriter writer, SpoolStatistics statistics, Completions completions) {
    this.writer = writer;
    this.statistics = statistics;
    this.completions = completions;
  }

  /** A pass begins. */
  void begin(long now) {
    nowNanos = now;
  }

  /**
   * The record of a transaction was added to the batch, or one of the same key was before and may
   * not be forced yet.
   */
  void added(Request.Commit commit) {
    unforcedCommits.add(commit);
  }

  /** Has something done after the next force, before anybody is answered; not if that fails. */
  void onceForced(Runnable action) {
    onceForced.add(action);
  }

  /** A key was found, maybe of a transaction that is in the batch. */
  void added(Request.FindKey find) {
    unforcedKeys.add(find);
  }

  /** A part of a content was added to the batch. */
  void added(Request.Append append) {
    unwrittenChunks.add(append);
  }

  /**
   * A write found no room, on a file system that takes new blocks for what is overwritten: nothing
   * is added until one of the same octets succeeds. What is in the batch waits for that.
   */
  void stall() {
    stalled = true;
    stalledNanos = nowNanos;
  }

  boolean isStalled() {
    return stalled;
  }

  /**
   * Writes what found no room, where its time has come.
   *
   * @param now whether it has come in any case
   * @return true when the log goes on
   */
  boolean resume(boolean now) throws DiskFailure {
    if (!stalled || now || nowNanos - stalledNanos >= RETRY_NANOS) {
      write();
      stalled = false;
    }
    return !stalled;
  }

  /** Writes the batch. */
  void write() throws DiskFailure {
    if (!writer.hasBatch()) {
      return;
    }
    if (!writer.isUnforced()) {
      unforcedSinceNanos = nowNanos;
    }
    statistics.wrote(writer.batchRecords(), writer.batchBytes());
    writer.write();
    lastWriteNanos = nowNanos;
    markDue = true;
    answerChunks();
  }

  private void answerChunks() {
    unwrittenChunks.forEach(append -> completions.add(append.asker(), append.written()));
    unwrittenChunks.clear();
  }

  /** Forces what was written, and answers what waited for it. */
  void force() throws DiskFailure {
    // The promise of the whole server hangs on this order: forced first, answered then. A failure
    // leaves by the exception, before any completion, and seals the volume.
    boolean forces = writer.isUnforced();
    writer.force();
    if (forces) {
      statistics.forced();
    }
    onceForced.forEach(Runnable::run);
    onceForced.clear();
    for (var commit : unforcedCommits) {
      if (commit.isDuplicate()) {
        statistics.duplicate();
      } else {
        statistics.committed(commit.askedNanos, nowNanos);
      }
      completions.add(commit.asker, commit);
    }
    unforcedCommits.clear();
    unforcedKeys.forEach(find -> completions.add(find.asker, find));
    unforcedKeys.clear();
  }

  /**
   * Forces what somebody waits for, and what has waited for its time.
   *
   * @param now whether the time of all has come
   */
  void forceDue(boolean now) throws DiskFailure {
    boolean due = now || nowNanos - unforcedSinceNanos >= FORCE_NANOS;
    if (!unforcedCommits.isEmpty() || !unforcedKeys.isEmpty() || (writer.isUnforced() && due)) {
      force();
    }
  }

  /** True when the log has rested for so long that its end is to be marked. */
  boolean isMarkDue(boolean now) {
    return markDue && (now || nowNanos - lastWriteNanos >= MARK_NANOS);
  }

  /**
   * Names the last forced LSN, so that damage in the last batch shows as damage.
   *
   * @param mayWrite false where the block that a mark takes is kept for something else
   */
  void mark(boolean mayWrite) throws DiskFailure {
    force();
    markDue = false;
    if (mayWrite && writer.hasRoom(0, 0)) {
      writer.addMark();
      writer.write();
      writer.force();
    }
  }

  /** How long nothing of this is due. */
  long delayNanos() {
    if (stalled) {
      return stalledNanos + RETRY_NANOS - nowNanos;
    }
    long delay = Duty.UNTIL_WOKEN;
    if (writer.isUnforced()) {
      delay = unforcedSinceNanos + FORCE_NANOS - nowNanos;
    }
    if (markDue) {
      delay = Math.min(delay, lastWriteNanos + MARK_NANOS - nowNanos);
    }
    return delay;
  }

  /**
   * A write or force failed, or will not be tried again: nothing that waits for one will be there.
   */
  void fail(SpoolRefusal why) {
    stalled = false;
    onceForced.clear();
    unforcedCommits.forEach(commit -> commit.fail(why));
    unforcedCommits.forEach(commit -> completions.add(commit.asker, commit));
    unforcedCommits.clear();
    for (var find : unforcedKeys) {
      find.found(new Request.FindKey.Refused(why));
      completions.add(find.asker, find);
    }
    unforcedKeys.clear();
    answerChunks();
    writer.close();
  }
}
