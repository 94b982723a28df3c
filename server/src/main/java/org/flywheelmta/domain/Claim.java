package org.flywheelmta.domain;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;

/**
 * What one record asks of one {@link ConnectionLimit}: a token for its next connection, at most one
 * at a time. It belongs to the record's scheduler; its place alone is changed by whoever grants it.
 */
@NonThreadSafe
final class Claim {
  /** Where it stands. */
  enum Place {
    /** Not in line. */
    OUT,
    WAITING,
    /** Waits with less than its share: busy sessions of others end for it. */
    URGENT,
    /** In line, and passed over. */
    WITHDRAWN,
    /** A token is under way to it. */
    GRANTED;

    boolean waits() {
      return this == WAITING || this == URGENT;
    }
  }

  final ConnectionLimit limit;
  private final AtomicReference<Place> place = new AtomicReference<>(Place.OUT);
  private final Executor owner;
  private final Runnable onToken;
  private boolean inHand;

  /**
   * @param owner runs tasks where the claim belongs; called on any thread
   * @param onToken called there when a token came, which is in hand then
   */
  Claim(ConnectionLimit limit, Executor owner, Runnable onToken) {
    this.limit = limit;
    this.owner = owner;
    this.onToken = onToken;
  }

  Place place() {
    return Objects.requireNonNull(place.get());
  }

  /** Changes its place, if it is where the caller takes it to be; on any thread. */
  boolean move(Place from, Place to) {
    return place.compareAndSet(from, to);
  }

  /** Sends the token that was granted on its way; on any thread. */
  void postToken() {
    owner.execute(this::arrive);
  }

  private void arrive() {
    Check.that(move(Place.GRANTED, Place.OUT), "a token came that was not under way");
    Check.that(!inHand, "a claim has two tokens");
    inHand = true;
    onToken.run();
  }

  /**
   * Whether there is a token in hand now; otherwise the claim waits for one.
   *
   * @param holding how many connections its record has
   */
  boolean take(int holding) {
    if (inHand && limit.surplus() > 0) {
      // The maximum was lowered while it was under way, or waited here for another limit's.
      inHand = false;
      limit.release();
    }
    if (inHand) {
      return true;
    }
    boolean urgently = holding < limit.share();
    switch (place()) {
      case OUT, WITHDRAWN -> {
        inHand = limit.tryTake();
        if (!inHand) {
          limit.await(this, urgently);
        }
      }
      case WAITING -> {
        if (urgently) {
          limit.hurry(this);
        }
      }
      case URGENT, GRANTED -> {}
    }
    return inHand;
  }

  /** The token in hand goes to a session. */
  void use() {
    Check.that(inHand, "a connection without its token");
    inHand = false;
  }

  /** The record has no use for a token now: it waits for none and passes on the one in hand. */
  void giveUp() {
    limit.withdraw(this);
    if (inHand) {
      inHand = false;
      limit.release();
    }
  }

  /** Whether no token is here or may come. */
  boolean atRest() {
    var now = place();
    return !inHand && !now.waits() && now != Place.GRANTED;
  }

  /** Whether a session of the record that had its quantum is to leave. */
  boolean callsBusy(int holding) {
    return place() != Place.URGENT && limit.callsBusy(holding);
  }

  /** How many tokens are here or under way, beside those of sessions. */
  int tokens() {
    return inHand || place() == Place.GRANTED ? 1 : 0;
  }
}
