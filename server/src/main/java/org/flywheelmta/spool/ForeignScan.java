package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;

/**
 * What recovery finds out about foreign outcomes: which ones stand on this volume, and which of
 * other volumes are newer than what is known here.
 */
@SingleThreadSafe
final class ForeignScan {
  /** A state of a transaction on another volume, and where it stands. */
  private record Held(ForeignOutcome outcome, Segment segment, long lsn) {}

  private final Accounts accounts;
  private final RecoveredStates states;
  private final Map<ForeignOutcome.Key, Held> held = new LinkedHashMap<>();
  // Recipients of transactions here that are done, and of which another volume says so.
  private final Set<ForeignOutcome.Key> doneElsewhere = new HashSet<>();

  ForeignScan(Accounts accounts, RecoveredStates states) {
    this.accounts = accounts;
    this.states = states;
  }

  /** A record of its own; those of a volume come in the order of their LSNs. */
  void learn(Facts fact, Segment segment) {
    hold(ForeignOutcome.decode(fact.id(), fact.body()), segment, fact.lsn);
  }

  /** A transaction that settles one on another volume. */
  void settled(Settlement settlement, long lsn) {
    hold(ForeignOutcome.of(settlement), accounts.segmentOf(lsn), lsn);
  }

  private void hold(ForeignOutcome outcome, Segment segment, long lsn) {
    var one = new Held(outcome, segment, lsn);
    held.merge(
        outcome.key(),
        one,
        (earlier, later) -> earlier.outcome.isNewerThan(later.outcome) ? earlier : later);
  }

  /** Those that stand here, of each recipient the newest. */
  List<ForeignOutcome> outcomes() {
    return held.values().stream().map(Held::outcome).toList();
  }

  /** Whether a transaction is one of this volume. */
  boolean isHome(ForeignOutcome outcome) {
    return accounts.find(outcome.key().id()) != Residences.NONE;
  }

  /**
   * Takes states that other volumes hold.
   *
   * @return those that are newer than what is known here
   */
  List<ForeignOutcome> take(List<ForeignOutcome> found) {
    var taken = new ArrayList<ForeignOutcome>();
    var residences = accounts.residences();
    for (var outcome : found) {
      int recipient = outcome.key().recipient();
      int handle = accounts.find(outcome.key().id());
      if (handle == Residences.NONE
          || !residences.isWaiting(handle, recipient)
          || !outcome.isNewerThan(residences.stateLsn(handle, recipient))) {
        continue;
      }
      taken.add(outcome);
      var state = outcome.state().amending(residences.amended(handle, recipient));
      residences.setAmended(handle, recipient, state.fields());
      if (state.kind().isFinal()) {
        doneElsewhere.add(outcome.key());
      } else {
        states.set(residences, handle, recipient, state);
      }
    }
    return taken;
  }

  /** Holds on to those that stand here and are needed. */
  void hold(Predicate<ForeignOutcome> needed) {
    for (var each : held.values()) {
      if (needed.test(each.outcome)) {
        accounts.foreign().put(each.outcome.key(), each.segment, each.lsn);
      }
    }
    held.clear();
  }

  /** Whether a recipient that waits by what is known here is done by what another volume says. */
  boolean isDone(TransactionId id, int recipient) {
    return !doneElsewhere.isEmpty()
        && doneElsewhere.contains(new ForeignOutcome.Key(id, recipient));
  }

  /** Whether any recipient of a transaction waits, by all that is known. */
  boolean isLiving(int handle) {
    var residences = accounts.residences();
    var id = residences.id(handle);
    for (int i = 0; i < residences.recipients(handle); i++) {
      if (residences.isWaiting(handle, i) && !isDone(id, i)) {
        return true;
      }
    }
    return false;
  }

  /** How many transactions live, by all that is known. */
  int countLiving() {
    int living = accounts.residences().countLiving();
    var looked = new HashSet<TransactionId>();
    for (var key : doneElsewhere) {
      if (looked.add(key.id()) && !isLiving(accounts.find(key.id()))) {
        living--;
      }
    }
    return living;
  }
}
