package org.flywheelmta.domain;

import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;

/**
 * Judges whether the sessions that are at work will come to what waits soon enough, so that no
 * other is woken or opened for it: {@code session_patience}. Judged is by how long sessions had
 * their last batches; without any, and where they take long as they do on the Internet, nothing
 * waits.
 *
 * <p>A timer bounds it. What waited when the timer was armed, and still waits when it fires, is
 * overdue and gets its session at once.
 */
@NonThreadSafe
final class Patience {
  private static final int SMOOTHING = 3;

  private final Scheduler scheduler;
  private final TimedEvent over;
  private boolean known;
  private long turnNanos;
  private long taken;
  // How many will have been taken when all are that waited as the timer was armed.
  private long takenInTime;
  private int overdue;

  /**
   * @param onOver called when something is overdue
   */
  Patience(Scheduler scheduler, Runnable onOver) {
    this.scheduler = scheduler;
    this.over = TimedEvent.of(now -> onTimer(onOver));
  }

  /** A session has brought a batch to its end in so long. */
  void onTurn(long nanos) {
    turnNanos += known ? (nanos - turnNanos) >> SMOOTHING : nanos;
    known = true;
  }

  /** Whether sessions bring batches to their ends so fast that waiting for one is worth it. */
  boolean isQuick(long limitNanos) {
    return known && turnNanos <= limitNanos;
  }

  /** So many messages have left the queue for a session. */
  void onTaken(int count) {
    taken += count;
  }

  /**
   * How many of those that wait need another session now.
   *
   * @param waiting for which no session is on its way
   * @param working sessions that will ask for more once they have brought their batch to an end
   * @param queued all that wait
   * @param limitNanos {@code session_patience}
   */
  int need(int waiting, int working, int queued, long limitNanos) {
    if (waiting <= 0 || !known || working == 0) {
      return waiting;
    }
    long turns = (waiting + working - 1L) / working;
    if (turns > limitNanos / Math.max(turnNanos, 1)) {
      return waiting;
    }
    if (!over.armed()) {
      takenInTime = taken + queued;
      scheduler.arm(over, limitNanos);
    }
    return Math.min(waiting, overdue);
  }

  private void onTimer(Runnable onOver) {
    overdue = Math.toIntExact(Math.max(0, takenInTime - taken));
    onOver.run();
  }

  /** A session was woken or opened for one of those that wait. */
  void onSession() {
    overdue = Math.max(0, overdue - 1);
  }

  /** What was overdue has had its chance. */
  void onServed() {
    overdue = 0;
  }

  /** Whether something waits for sessions at work, and a timer sees to it. */
  boolean isWaiting() {
    return over.armed();
  }

  void stop() {
    scheduler.disarm(over);
  }
}
