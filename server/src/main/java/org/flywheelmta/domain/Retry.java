package org.flywheelmta.domain;

import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * When a message is tried again: {@code retry_interval} after the first failed attempt, twice as
 * long after each further one, at most {@code max_retry_interval}; each spread by up to a tenth to
 * either side, so that what failed together does not come back together. Siblings that fail
 * together get the same time, so that they travel in one transaction again.
 */
@NonThreadSafe
final class Retry {
  /** The pause is spread by up to one part in this many, to either side. */
  static final int SPREAD = 10;

  // Of the tenth, siblings may differ from each other by this part of the pause.
  private static final int SIBLING_SPREAD = 100;

  private final Scheduler scheduler;
  private @Nullable TransactionId lastId;
  private int lastAttempts;
  private long lastWallMicros;
  private long lastDueMicros;

  Retry(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** The pause after so many attempts, at least 1, before it is spread. */
  static long pauseNanos(DomainPolicy policy, int attempts) {
    long pause = policy.retryIntervalNanos();
    long most = policy.maxRetryIntervalNanos();
    for (int i = 1; i < attempts && pause < most; i++) {
      pause = pause > most / 2 ? most : pause * 2;
    }
    return Math.min(pause, most);
  }

  /** When to try again, wall clock microseconds. */
  long dueMicros(DomainPolicy policy, TransactionId id, int attempts, long wallMicros) {
    long pauseMicros = Math.max(1, pauseNanos(policy, attempts) / 1000);
    long slack = pauseMicros / SIBLING_SPREAD;
    long since = wallMicros - lastWallMicros;
    if (id.equals(lastId) && attempts == lastAttempts && since >= 0 && since <= slack) {
      return lastDueMicros;
    }
    long spread = pauseMicros / SPREAD - slack;
    lastId = id;
    lastAttempts = attempts;
    lastWallMicros = wallMicros;
    lastDueMicros = wallMicros + pauseMicros + scheduler.random().nextLong(-spread, spread + 1);
    return lastDueMicros;
  }
}
