package org.flywheelmta.spool;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.scheduler.Duty;
import org.jspecify.annotations.Nullable;

/**
 * Which dedupe keys are kept, and how many live in each segment: it is not blanked before they have
 * been repeated further on, or are over. Recovery finds them out from the old segments; the commit
 * thread takes them over.
 *
 * <p>A key lives where the record stands that told of it last: that of its transaction, or one of
 * its own, once that was to be recycled. It is over {@code retentionMicros} after the instant in
 * its transaction's id, or when too many younger ones came.
 */
@SingleThreadSafe
final class DedupeAccounts {
  /** Keys that are let go in a pass at most, so that no batch waits for many at once. */
  static final int MOST_ENDED = 1024;

  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SHORT_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Accounts accounts;
  private final SpoolSettings.Dedupe settings;
  private final LongSupplier wallMicros;
  private DedupeKeys keys = new DedupeKeys();

  /**
   * @param accounts of the segments, whose owner owns these too
   * @param wallMicros the wall clock, microseconds since 1970
   */
  DedupeAccounts(Accounts accounts, SpoolSettings.Dedupe settings, LongSupplier wallMicros) {
    this.accounts = accounts;
    this.settings = settings;
    this.wallMicros = wallMicros;
  }

  DedupeKeys keys() {
    return keys;
  }

  /** Takes over what recovery found, before any was added here. */
  void adopt(DedupeKeys recovered) {
    Check.that(keys.size() == 0, "dedupe keys are taken before those of earlier starts are known");
    keys = recovered;
  }

  /** The transaction that a key names; null where there is none, or the key is over. */
  @Nullable TransactionId first(DedupeKey key) {
    int handle = keys.find(key);
    if (handle == DedupeKeys.NONE) {
      return null;
    }
    var id = keys.id(handle);
    return isOver(id.wallMicros()) ? null : id;
  }

  private boolean isOver(long beganMicros) {
    return beganMicros + settings.retentionMicros() <= wallMicros.getAsLong();
  }

  /**
   * A record with a key was added, or found: it counts from here on, and no earlier one of the same
   * key does.
   */
  void add(DedupeKey key, TransactionId id, Segment segment) {
    int known = keys.find(key);
    if (known != DedupeKeys.NONE) {
      drop(known);
    }
    if (settings.mostKeys() == 0 || isOver(id.wallMicros())) {
      return;
    }
    while (keys.size() >= settings.mostKeys()) {
      drop(keys.oldest());
    }
    keys.add(key, id, segment.number());
    segment.carried++;
  }

  private void drop(int handle) {
    less(accounts.segment(keys.segment(handle)));
    keys.remove(handle);
  }

  private void less(Segment segment) {
    segment.carried--;
    Check.that(segment.carried >= 0, "a segment carries fewer records than none");
    accounts.ease(segment);
  }

  /** The transaction of a key never came to be. */
  void forget(DedupeKey key, TransactionId id) {
    int handle = keys.find(key);
    if (handle != DedupeKeys.NONE && keys.id(handle).equals(id)) {
      drop(handle);
    }
  }

  /** Whether a key of that transaction lives in a segment, which is to be blanked. */
  boolean livesIn(Segment segment, DedupeKey key, TransactionId id) {
    int handle = keys.find(key);
    return handle != DedupeKeys.NONE
        && keys.segment(handle) == segment.number()
        && keys.id(handle).equals(id);
  }

  /** A key was repeated by a record of its own, and lives there from here on. */
  void moved(DedupeKey key, Segment to) {
    int handle = keys.find(key);
    less(accounts.segment(keys.segment(handle)));
    keys.setSegment(handle, to.number());
    to.carried++;
  }

  /** Lets go of keys that are over, {@link #MOST_ENDED} at most. */
  void endOld() {
    for (int i = 0; i < MOST_ENDED && isOldestOver(); i++) {
      drop(keys.oldest());
    }
  }

  private boolean isOldestOver() {
    return keys.size() > 0 && isOver(keys.id(keys.oldest()).wallMicros());
  }

  /**
   * How long none has to be let go. What is over holds segments, which a full disk needs back even
   * if nobody asks anything of it.
   */
  long delayNanos() {
    if (keys.size() == 0) {
      return Duty.UNTIL_WOKEN;
    }
    if (isOldestOver()) {
      return SHORT_REST_NANOS;
    }
    long overMicros = keys.id(keys.oldest()).wallMicros() + settings.retentionMicros();
    return Math.max(REST_NANOS, TimeUnit.MICROSECONDS.toNanos(overMicros - wallMicros.getAsLong()));
  }
}
