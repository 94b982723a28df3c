package org.flywheelmta.domain;

import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.flywheelmta.spool.StoredOutcome.Kind;

/**
 * Settles all that was in the active queue at one moment, at most {@link #MOST_PER_PASS} messages
 * in one pass of the scheduler, so that a million messages for a dead host delay nobody else.
 */
@NonThreadSafe
final class Drain {
  /** How many messages one pass settles. */
  static final int MOST_PER_PASS = 1000;

  private static final Reply BLACKHOLE = new Reply("blackhole", 0, "", "discarded by blackhole");

  /** What becomes of the messages. */
  sealed interface Verdict {}

  /** Each counts one attempt that ended so. */
  record Fail(Outcome outcome) implements Verdict {}

  /** Each is done, undelivered. */
  record Discard() implements Verdict {}

  /** Each queues again where the configuration wants it now. */
  record Reconsider() implements Verdict {}

  private final DomainRecord record;
  private final MailQueue queue;
  private final Ledger ledger;
  private final Scheduler scheduler;
  private final Runnable step = this::step;
  private final TimedEvent later = TimedEvent.of(now -> step());
  private Verdict verdict = new Reconsider();
  private boolean posted;

  Drain(DomainRecord record, MailQueue queue, Ledger ledger, Scheduler scheduler) {
    this.record = record;
    this.queue = queue;
    this.ledger = ledger;
    this.scheduler = scheduler;
  }

  /** Settles what is in the active queue now. What an earlier verdict left over falls under it. */
  void begin(Verdict newVerdict) {
    verdict = newVerdict;
    queue.drainAll();
    post();
  }

  void stop() {
    scheduler.disarm(later);
  }

  /** True while there is something to settle and a pass to come that will. */
  boolean isUnderWay() {
    return queue.drainingSize() > 0 && (posted || later.armed());
  }

  private void post() {
    if (!posted && !later.armed() && queue.drainingSize() > 0) {
      posted = true;
      scheduler.post(step);
    }
  }

  private void step() {
    posted = false;
    for (int i = 0; i < MOST_PER_PASS; i++) {
      var waiting = queue.drainingHead();
      if (waiting == null) {
        break;
      }
      boolean done =
          switch (record.reconsider(waiting)) {
            case HERE -> settle(waiting);
            case MOVED -> true;
            case NO_ROOM -> false;
          };
      if (!done) {
        scheduler.arm(later, Ledger.ROOM_WAIT_NANOS);
        return;
      }
    }
    if (queue.drainingSize() > 0) {
      post();
    } else {
      record.maintain();
    }
  }

  private boolean settle(Waiting waiting) {
    return switch (verdict) {
      case Reconsider() -> {
        queue.remove(waiting);
        record.activate(waiting);
        yield true;
      }
      case Fail(var outcome) -> {
        if (!ledger.reserve(1)) {
          yield false;
        }
        queue.remove(waiting);
        record.settle(waiting, outcome, Via.NONE);
        yield true;
      }
      case Discard() -> {
        if (!ledger.reserve(1)) {
          yield false;
        }
        queue.remove(waiting);
        record.finish(waiting, Kind.DISCARDED, Via.NONE, BLACKHOLE);
        yield true;
      }
    };
  }
}
