package org.flywheelmta.domain;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.domain.Claim.Place;
import org.jspecify.annotations.Nullable;

/**
 * How many connections may be open at once, for all who share it: the shards of a name ({@code
 * max_outbound_connections}) or all records ({@code server_max_outbound_connections}).
 *
 * <p>One connection costs one token. A token is in exactly one place: free, with a record (in hand
 * or with a session), or under way to one. While anybody waits, nobody else takes a free one, and
 * whoever gives one back hands it to the first in line, so that it cannot take it again at once. A
 * maximum that was lowered lets tokens vanish as they come back.
 *
 * <p>Sessions end for those who wait: an idle one for anybody, a busy one after its quantum for
 * somebody who has less than an even share. As many are told to leave as wait, and no more; so each
 * that leaves says so when it gives its token back.
 *
 * <p>No thread waits for another here: counts change by compare-and-set, and whoever changed one so
 * that a token and a claim might miss each other looks again ({@link #serve}).
 */
@ConcurrentThreadSafe
final class ConnectionLimit {
  /** The maximum is shared by so many that each is entitled to one at least, and to no more. */
  static final int UNCOUNTED = Integer.MAX_VALUE;

  private static final int NO_BOUND = Integer.MAX_VALUE;

  private final int parties;
  private final Runnable callIdle;
  private final ConcurrentLinkedQueue<Claim> line = new ConcurrentLinkedQueue<>();
  private final AtomicInteger taken = new AtomicInteger();
  // Claims in line; each is counted before it is there, and no more when it is granted or
  // withdrawn.
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger urgent = new AtomicInteger();
  private final AtomicInteger leaving = new AtomicInteger();
  private final AtomicInteger ready = new AtomicInteger();
  private volatile int configured;
  private volatile int bearable = NO_BOUND;

  /**
   * @param maximum at least 1
   * @param parties how many share it, from 1; {@link #UNCOUNTED} for any number
   * @param callIdle tells whoever may have idle sessions to ask {@link #callsIdle}; called on any
   *     thread, and so it only posts
   */
  ConnectionLimit(int maximum, int parties, Runnable callIdle) {
    Check.that(maximum > 0 && parties > 0, "a limit of connections is not above 0");
    this.configured = maximum;
    this.parties = parties;
    this.callIdle = callIdle;
  }

  /** Takes a free one, unless somebody waits. */
  boolean tryTake() {
    return waiting.get() == 0 && takeFree();
  }

  private boolean takeFree() {
    while (true) {
      int now = taken.get();
      if (now >= maximum()) {
        return false;
      }
      if (taken.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /** Puts a claim that is nowhere in line; where it was withdrawn it has its old place again. */
  void await(Claim claim, boolean urgently) {
    var place = urgently ? Place.URGENT : Place.WAITING;
    count(place, 1);
    if (!claim.move(Place.WITHDRAWN, place)) {
      Check.that(claim.move(Place.OUT, place), "a claim is in line twice");
      line.offer(claim);
    }
    // A token that came back before the claim stood in line was handed to nobody.
    serve();
    callIdleIfAsked();
  }

  /** Lets a claim that waits count as urgent from now on. */
  void hurry(Claim claim) {
    count(Place.URGENT, 1);
    boolean waits = claim.move(Place.WAITING, Place.URGENT);
    count(waits ? Place.WAITING : Place.URGENT, -1);
  }

  /** Takes a claim back that waits; one that was granted stays so. */
  void withdraw(Claim claim) {
    for (var from = claim.place(); from.waits(); from = claim.place()) {
      if (claim.move(from, Place.WITHDRAWN)) {
        count(from, -1);
      }
    }
  }

  /** Gives a token back: to the first in line, since nobody else takes it meanwhile. */
  void release() {
    giveBack(0);
  }

  /** Gives a token back whose session was told to leave for this limit. */
  void releaseLeaving() {
    giveBack(1);
  }

  private void giveBack(int leavers) {
    // In this order: nobody sees a connection too many that nobody leaves for.
    Check.that(taken.decrementAndGet() >= 0, "a connection was given back more often than taken");
    Check.that(leaving.addAndGet(-leavers) >= 0, "more sessions left than were told to");
    serve();
  }

  /** Hands free tokens to those in line. */
  private void serve() {
    while (!line.isEmpty() && takeFree()) {
      var first = next();
      if (first != null) {
        first.postToken();
      } else {
        // Somebody else served it. Who came in line meanwhile may have found this one taken.
        taken.decrementAndGet();
      }
    }
  }

  private @Nullable Claim next() {
    while (true) {
      var claim = line.poll();
      if (claim == null || grant(claim)) {
        return claim;
      }
    }
  }

  /** Grants a claim that left the line; false when it was withdrawn. */
  private boolean grant(Claim claim) {
    while (true) {
      var from = claim.place();
      var to = from.waits() ? Place.GRANTED : Place.OUT;
      if (claim.move(from, to)) {
        if (from.waits()) {
          count(from, -1);
        }
        return from.waits();
      }
    }
  }

  private void count(Place place, int change) {
    waiting.addAndGet(change);
    if (place == Place.URGENT) {
      urgent.addAndGet(change);
    }
  }

  /** Sets how many there may be; at least 1. */
  void maximum(int most) {
    Check.that(most > 0, "a limit of connections is not above 0");
    configured = most;
    serve();
    callIdleIfAsked();
  }

  /**
   * Lowers the maximum, until {@link #bearsAll}, to what the other side seems to bear: it refuses a
   * connection while so many stand. Otherwise who has none would find one free, be refused, and
   * never be handed one.
   */
  void bears(int most) {
    bearable = Math.max(1, most);
    callIdleIfAsked();
  }

  void bearsAll() {
    bearable = NO_BOUND;
    serve();
  }

  /** How many there may be now. */
  int maximum() {
    return Math.min(configured, bearable);
  }

  /** How many one of those who share it may have without being asked to give any up. */
  int share() {
    return Math.max(1, maximum() / parties);
  }

  private void callIdleIfAsked() {
    if (leaving.get() < asked(waiting)) {
      callIdle.run();
    }
  }

  /** Whether an idle session is to leave, so that its token comes back. True: it counts as told. */
  boolean callsIdle() {
    return leave(asked(waiting));
  }

  /** Whether a session is to leave since there are more than the maximum. */
  boolean callsSurplus() {
    return leave(surplus());
  }

  /**
   * Whether a session that had its quantum is to leave.
   *
   * @param holding how many its owner has
   */
  boolean callsBusy(int holding) {
    return urgent.get() > 0 && (holding > share() || maximum() < parties) && leave(asked(urgent));
  }

  private int asked(AtomicInteger claims) {
    return claims.get() + surplus();
  }

  /** How many there are above the maximum. */
  int surplus() {
    return Math.max(0, taken.get() - maximum());
  }

  private boolean leave(int asked) {
    while (true) {
      int now = leaving.get();
      if (now >= asked) {
        return false;
      }
      if (leaving.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /** A session became ready, or one that was is over. */
  void onReady(int change) {
    ready.addAndGet(change);
  }

  /** How many sessions are ready, over all who share it. */
  int ready() {
    return ready.get();
  }

  /** How many tokens are not free. */
  int taken() {
    return taken.get();
  }

  /** How many claims are in line. */
  int waiting() {
    return waiting.get();
  }
}
