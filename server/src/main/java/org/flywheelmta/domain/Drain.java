package org.flywheelmta.domain;

import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.scheduler.TimedEvent;
import org.flywheelmta.spool.StoredOutcome.Kind;

/**
 * Settles messages of the active queue that were moved aside to its ring: all that was there at one
 * moment, or those whose lifetime is over. At most {@link #MOST_PER_PASS} messages are settled in
 * one pass of the scheduler, so that a million messages for a dead host delay nobody else. What is
 * a stub has its envelope read first, where its verdict needs it.
 */
@NonThreadSafe
final class Drain extends EnvelopeReads.Asker {
  /** How many messages one pass settles. */
  static final int MOST_PER_PASS = 1000;

  private static final Reply BLACKHOLE = new Reply("blackhole", 0, "", "discarded by blackhole");
  private static final Reply EXPIRED =
      new Reply("expiry", 0, "5.4.7", "not delivered within its lifetime");

  /** What becomes of the messages. */
  sealed interface Verdict {}

  /** Each counts one attempt that ended so. */
  record Fail(Outcome outcome) implements Verdict {}

  /** Each is done, undelivered. */
  record Discard() implements Verdict {}

  /** Each queues again where the configuration wants it now. */
  record Reconsider() implements Verdict {}

  /** Each is given up, unless its lifetime has become longer. */
  record Expire() implements Verdict {}

  private enum Step {
    SETTLED,
    /** There is no room to write it down now. */
    NO_ROOM,
    /** Its envelope is to be read. */
    UNREAD
  }

  private final DomainRecord record;
  private final Link ring = new Link();
  private final Runnable step = this::step;
  private final TimedEvent later = TimedEvent.of(now -> step());
  private Verdict verdict = new Reconsider();
  private boolean posted;
  private boolean stopped;

  Drain(DomainRecord record) {
    this.record = record;
  }

  /** Settles what is in the active queue now. What an earlier verdict left over falls under it. */
  void begin(Verdict newVerdict) {
    verdict = newVerdict;
    record.active.drainAll(ring);
    post();
  }

  /** Gives one message of the active queue up, after those that came before it. */
  void giveUp(Waiting waiting) {
    verdict = new Expire();
    record.active.expire(waiting, ring);
    post();
  }

  void stop() {
    stopped = true;
    record.scheduler.disarm(later);
  }

  boolean isEmpty() {
    return ring.following() == null;
  }

  /** False when there is something to settle and no pass to come that will. */
  boolean isForgotten() {
    return !isEmpty() && !posted && !later.armed() && !isAsking();
  }

  void forEach(Consumer<Waiting> visitor) {
    for (var at = ring.following(); at != null; ) {
      // The visitor may take it out.
      var next = at.following();
      visitor.accept(at);
      at = next;
    }
  }

  private void post() {
    if (!posted && !later.armed() && !isEmpty()) {
      posted = true;
      record.scheduler.post(step);
    }
  }

  private void step() {
    posted = false;
    if (stopped) {
      return;
    }
    for (int i = 0; i < MOST_PER_PASS; i++) {
      var waiting = ring.following();
      if (waiting == null) {
        break;
      }
      var done =
          switch (record.reconsider(waiting)) {
            case HERE -> settle(waiting);
            case MOVED -> Step.SETTLED;
            case NO_ROOM -> Step.NO_ROOM;
          };
      switch (done) {
        case SETTLED -> {}
        case NO_ROOM -> {
          waitForRoom();
          return;
        }
        case UNREAD -> {
          record.table.reads.ask(this);
          return;
        }
      }
    }
    if (isEmpty()) {
      record.maintain();
    } else {
      post();
    }
  }

  private void waitForRoom() {
    if (!later.armed()) {
      record.scheduler.arm(later, Ledger.ROOM_WAIT_NANOS);
    }
  }

  private Step settle(Waiting waiting) {
    boolean stays =
        switch (verdict) {
          case Reconsider _ -> true;
          case Expire _ -> !record.isExpired(waiting);
          case Fail _, Discard _ -> false;
        };
    if (stays) {
      record.active.remove(waiting);
      record.activate(waiting);
      return Step.SETTLED;
    }
    var ledger = record.table.ledger;
    if (!ledger.reserve(1)) {
      return Step.NO_ROOM;
    }
    if (waiting.isStub()) {
      // What is read is settled soon: nothing is while there is no room.
      ledger.giveBack(1);
      return Step.UNREAD;
    }
    record.active.remove(waiting);
    switch (verdict) {
      case Fail(var outcome) -> record.settle(waiting, outcome, Via.NONE);
      case Discard _ -> record.finish(waiting, Kind.DISCARDED, Via.NONE, BLACKHOLE);
      case Expire _ -> record.finish(waiting, Kind.EXPIRED, Via.NONE, EXPIRED);
      case Reconsider _ -> throw Check.bug("a message stays and is settled");
    }
    return Step.SETTLED;
  }

  @Override
  void collect(List<Waiting> into, int most) {
    if (stopped || verdict instanceof Reconsider) {
      return;
    }
    var at = ring.following();
    while (at != null && into.size() < most) {
      if (at.isStub() && !at.reading) {
        into.add(at);
      }
      at = at.following();
    }
  }

  @Override
  boolean has(Waiting waiting) {
    return !stopped && record.active.isAside(waiting);
  }

  @Override
  void putLast(Waiting waiting) {
    waiting.unlink();
    waiting.linkBefore(ring);
  }

  @Override
  boolean lose(Waiting waiting, String reason) {
    if (!record.table.ledger.reserve(1)) {
      return false;
    }
    record.active.remove(waiting);
    record.lose(waiting, reason);
    return true;
  }

  @Override
  void onRead(boolean again) {
    if (stopped) {
      return;
    }
    if (again) {
      waitForRoom();
    }
    post();
    if (isEmpty()) {
      record.maintain();
    }
  }
}
