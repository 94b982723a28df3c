package org.flywheelmta.spool;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.flywheelmta.base.Admission;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.jspecify.annotations.Nullable;

/**
 * What the volumes of a spool know of each other: in which order they are asked for a transaction,
 * and which outcomes stand on another volume than their transaction.
 *
 * <p>At a start each says what it found of the latter, then takes those of its own transactions,
 * and only when all have done so does it know which of those that it holds are still needed.
 */
@ConcurrentThreadSafe
final class Volumes {
  /** A message whose volume does not come back for so long is not expected any more. */
  private static final long KEPT_MICROS = TimeUnit.DAYS.toMicros(30);

  /** A found outcome, and what its home volume says of it. */
  private static final class Found {
    final ForeignOutcome outcome;
    volatile boolean hasHome;
    volatile boolean owed;

    Found(ForeignOutcome outcome) {
      this.outcome = outcome;
    }

    static Found newer(Found one, Found other) {
      return one.outcome.isNewerThan(other.outcome) ? one : other;
    }
  }

  private final RendezvousOrder order;
  private final AtomicReferenceArray<@Nullable LogSpool> spools;
  private final ConcurrentMap<ForeignOutcome.Key, Found> found = new ConcurrentHashMap<>();
  private final AtomicInteger unlearned;
  private final AtomicInteger untaken;
  private final AtomicInteger unheld;

  Volumes(List<Path> folders) {
    this.order = new RendezvousOrder(folders);
    this.spools = new AtomicReferenceArray<>(folders.size());
    this.unlearned = new AtomicInteger(folders.size());
    this.untaken = new AtomicInteger(folders.size());
    this.unheld = new AtomicInteger(folders.size());
  }

  /** Each volume is known once it is open; until all are, none is asked for anything. */
  void add(int volume, LogSpool spool) {
    spools.set(volume, spool);
  }

  /** One that is open. */
  LogSpool spool(int volume) {
    var spool = spools.get(volume);
    if (spool == null) {
      throw Check.bug("a volume is asked for that is not open");
    }
    return spool;
  }

  /** True when there is another one. */
  boolean areSeveral() {
    return spools.length() > 1;
  }

  RendezvousOrder order() {
    return order;
  }

  /** Asks the next volume, which may know the transaction; without one nobody does. */
  void passOn(int from, Request.Outcome outcome) {
    int next = order.after(outcome.id(), from);
    var spool = next < 0 ? null : spools.get(next);
    if (spool != null) {
      spool.post(outcome);
    }
  }

  /** Has a healthy volume keep a state; without one it is lost, like all that is unforced. */
  void keep(int from, ForeignOutcome outcome) {
    var healthy = healthy(outcome.key().id(), from);
    if (healthy != null) {
      healthy.post(new Request.Foreign(outcome));
    }
  }

  /**
   * The first volume in the order of an id that takes all, or else one that takes outcomes at
   * least; null where there is none.
   */
  private @Nullable LogSpool healthy(TransactionId id, int except) {
    LogSpool second = null;
    for (int volume : order.of(id)) {
      var spool = volume == except ? null : spools.get(volume);
      if (spool == null || spool.isSealed() || spool.isEnded()) {
        continue;
      }
      if (spool.level() == Admission.Level.OPEN) {
        return spool;
      }
      second = second == null ? spool : second;
    }
    return second;
  }

  /** A volume has read all of its old segments, and found these. */
  void learned(List<ForeignOutcome> outcomes) {
    outcomes.forEach(each -> found.merge(each.key(), new Found(each), Found::newer));
    arrive(unlearned);
  }

  /** The last one lets all others go on. */
  private void arrive(AtomicInteger missing) {
    if (missing.decrementAndGet() == 0) {
      for (int i = 0; i < spools.length(); i++) {
        var spool = spools.get(i);
        if (spool != null) {
          spool.wakeRecovery();
        }
      }
    }
  }

  boolean haveAllLearned() {
    return unlearned.get() == 0;
  }

  /** What all of them found, of each recipient the newest. */
  List<ForeignOutcome> found() {
    return found.values().stream().map(each -> each.outcome).toList();
  }

  /** The home volume of this one has taken part. */
  void foundHome(ForeignOutcome outcome) {
    var entry = found.get(outcome.key());
    if (entry != null) {
      entry.hasHome = true;
    }
  }

  /** It has nothing newer, and will say the same itself. */
  void owe(ForeignOutcome outcome) {
    var entry = found.get(outcome.key());
    if (entry != null) {
      entry.owed = true;
    }
  }

  /** A volume has said of which ones it has nothing newer. */
  void taken() {
    arrive(untaken);
  }

  boolean haveAllTaken() {
    return untaken.get() == 0;
  }

  /**
   * Whether what was found of a recipient must be kept: until its home volume says the same, and
   * where that is not here or cannot be read, for as long as it may come back with the message.
   */
  boolean isNeeded(ForeignOutcome outcome, long wallMicros) {
    var entry = found.get(outcome.key());
    if (entry == null || !entry.outcome.equals(outcome)) {
      return false;
    }
    boolean mayComeBack = wallMicros - outcome.key().id().wallMicros() < KEPT_MICROS;
    return entry.owed || (!entry.hasHome && mayComeBack);
  }

  /** A volume knows which ones it holds on to; after the last one nobody asks any more. */
  void held() {
    if (unheld.decrementAndGet() == 0) {
      found.clear();
    }
  }

  /**
   * The recovery of a volume has failed or was ended: the others go on without it.
   *
   * @param hasLearned whether it had called {@link #learned}
   * @param hasTaken whether it had called {@link #taken}
   */
  void leave(boolean hasLearned, boolean hasTaken) {
    if (!hasLearned) {
      arrive(unlearned);
    }
    if (!hasTaken) {
      arrive(untaken);
    }
  }
}
