package org.flywheelmta.scheduler;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.OperatorLog;

/**
 * Finds schedulers that do not come round: a task that blocks or computes for too long holds up
 * every connection and timer of its scheduler, and nothing else would say so.
 *
 * <p>It is the duty of a worker, never of a scheduler. Each pass looks whether the {@link
 * Heartbeat} of each scheduler has come back, and sends it again. One that stays away for {@link
 * #STALL_NANOS} is told once, with the stack of its thread, and again with its length when it ends.
 * A pass that is itself late says that the whole process stood still, and holds no scheduler to
 * account for that time.
 */
@ConcurrentThreadSafe
final class StallWatch implements Duty {
  /** How long a scheduler may take to come round. */
  static final long STALL_NANOS = 100_000_000L;

  /** How often heartbeats are looked for and sent. */
  static final long BEAT_NANOS = 25_000_000L;

  /** How late a pass may be before it is the process that stood still. */
  static final long LATE_NANOS = STALL_NANOS / 2;

  private static final int MOST_FRAMES = 40;
  private static final long MILLI = 1_000_000L;

  private final List<Heartbeat> watched;
  private final Clock clock;
  private final OperatorLog log;
  // Both belong to the worker, as passes do.
  private boolean begun;
  private long dueNanos;

  /**
   * @param watched the schedulers of the platform, which may grow meanwhile
   */
  StallWatch(CopyOnWriteArrayList<Heartbeat> watched, Clock clock, OperatorLog log) {
    this.watched = watched;
    this.clock = clock;
    this.log = log;
  }

  @Override
  public long run(long nowNanos) {
    long lateNanos = begun ? nowNanos - dueNanos : 0;
    begun = true;
    if (lateNanos > LATE_NANOS) {
      log.warning(
          "The whole process stood still for about "
              + lateNanos / MILLI
              + " ms: memory was collected, or the machine gave it no time");
      for (var heartbeat : watched) {
        heartbeat.excuse(dueNanos, lateNanos);
      }
    }
    for (var heartbeat : watched) {
      look(heartbeat, nowNanos);
    }
    // A stack takes its time, and that is no lateness of the next pass.
    dueNanos = clock.nanoTime() + BEAT_NANOS;
    return BEAT_NANOS;
  }

  private void look(Heartbeat heartbeat, long nowNanos) {
    boolean away = heartbeat.outstanding();
    long nanos = heartbeat.awayNanos(away, nowNanos);
    if (nanos >= STALL_NANOS) {
      heartbeat.stalled(nanos);
      if (away) {
        tell(heartbeat, nanos);
      } else {
        tellEnd(heartbeat, nanos);
      }
    } else if (!away && heartbeat.told()) {
      tellEnd(heartbeat, nanos);
    }
    if (!away) {
      heartbeat.send(nowNanos);
    }
  }

  private void tell(Heartbeat heartbeat, long nanos) {
    if (heartbeat.tell()) {
      log.warning(
          "Scheduler "
              + heartbeat.name()
              + " has not come round for "
              + nanos / MILLI
              + " ms; it is at "
              + text(heartbeat.stack()));
    }
  }

  private void tellEnd(Heartbeat heartbeat, long nanos) {
    var when = heartbeat.told() ? "" : ", and went on before its stack was taken";
    log.warning(
        "Scheduler " + heartbeat.name() + " stood still for " + nanos / MILLI + " ms" + when);
  }

  /** Innermost first, in one line: a line of the operator log is a record. */
  private static String text(StackTraceElement[] stack) {
    if (stack.length == 0) {
      return "no place that is known: its thread has not begun";
    }
    var text = new StringBuilder();
    for (int i = 0; i < stack.length && i < MOST_FRAMES; i++) {
      text.append(i == 0 ? "" : " < ").append(stack[i]);
    }
    return text.append(stack.length > MOST_FRAMES ? " < ..." : "").toString();
  }
}
