package org.flywheelmta.domain;

import java.util.ArrayDeque;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Bounces.Action;
import org.flywheelmta.domain.Bounces.Completion;
import org.flywheelmta.domain.Bounces.Notice;
import org.flywheelmta.domain.Waiting.Place;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.flywheelmta.scheduler.TimedEvent;
import org.flywheelmta.spool.StoredOutcome.Kind;

/**
 * The messages of a scheduler whose senders are being told what became of them. Each is in its
 * record, in place {@code BOUNCING}, until its notification is durable; the outcome is kept by the
 * notification's own record, so that a crash leaves the one or the other.
 *
 * <p>At most {@code bounces_in_progress} are under way, each with a slot of the event ring. The
 * others wait for their turn, first come, first served, as stubs without a slot: half a million
 * that fail together cost an entry each, and nobody looks at them before their turn. Then their
 * envelopes are read.
 */
@NonThreadSafe
final class Bouncing extends EnvelopeReads.Asker {
  /**
   * One message and what became of it.
   *
   * @param kind of its outcome
   * @param dueMicros when it is tried again, where it waits
   */
  record Turn(
      DomainRecord record,
      Waiting waiting,
      Action action,
      Kind kind,
      Via via,
      Reply reply,
      long dueMicros) {}

  private static final Fields DELAY_TOLD = Fields.NONE.with(Tag.DELAY_TOLD, new byte[0]);

  private final DomainTable table;
  private final Bounces bounces;
  private final ArrayDeque<Turn> turns = new ArrayDeque<>();
  private final TimedEvent later = TimedEvent.of(now -> begin());
  private int inProgress;

  Bouncing(DomainTable table) {
    this.table = table;
    this.bounces = table.neighbours.bounces();
  }

  boolean owes(Waiting candidate, Action action) {
    return bounces.owes(candidate.message(), action, table.scheduler.wallMicros());
  }

  /** Takes a turn with its slot of the event ring, which it gives back where it has to wait. */
  void add(Turn turn) {
    // One that was delivered must not be delivered again because it waited: it never does.
    boolean atOnce = inProgress < bounces.mostAtOnce() && turns.isEmpty() && !table.stopping();
    if (atOnce || turn.kind() == Kind.DELIVERED) {
      start(turn);
      return;
    }
    table.ledger.giveBack(1);
    turn.waiting().becomeStub(table.queueMemory);
    turns.add(turn);
  }

  private void begin() {
    while (!turns.isEmpty() && inProgress < bounces.mostAtOnce() && !table.stopping()) {
      if (!table.ledger.reserve(1)) {
        waitForRoom();
        return;
      }
      if (turns.element().waiting().isStub()) {
        table.ledger.giveBack(1);
        table.reads.ask(this);
        return;
      }
      start(turns.remove());
    }
  }

  private void waitForRoom() {
    if (!later.armed()) {
      table.scheduler.arm(later, Ledger.ROOM_WAIT_NANOS);
    }
  }

  @Override
  void collect(List<Waiting> into, int most) {
    if (table.stopping()) {
      return;
    }
    int soon = Math.min(most, bounces.mostAtOnce());
    for (var turn : turns) {
      if (soon-- == 0) {
        return;
      }
      if (turn.waiting().isStub() && !turn.waiting().reading) {
        into.add(turn.waiting());
      }
    }
  }

  @Override
  boolean has(Waiting waiting) {
    return waiting.place == Place.BOUNCING && !table.stopping();
  }

  @Override
  void putLast(Waiting waiting) {
    turns.add(takeTurn(waiting));
  }

  @Override
  boolean lose(Waiting waiting, String reason) {
    if (!table.ledger.reserve(1)) {
      return false;
    }
    takeTurn(waiting).record().onUntold(waiting, reason);
    return true;
  }

  /** Only those near the head are read, so this is a short search. */
  private Turn takeTurn(Waiting waiting) {
    for (var each = turns.iterator(); each.hasNext(); ) {
      var turn = each.next();
      if (turn.waiting() == waiting) {
        each.remove();
        return turn;
      }
    }
    throw Check.bug("a message has no turn to be told of");
  }

  @Override
  void onRead(boolean again) {
    if (again && !table.stopping()) {
      waitForRoom();
    } else {
      begin();
    }
  }

  private void start(Turn turn) {
    inProgress++;
    var message = turn.waiting().message();
    message.schedule(message.attempts(), turn.dueMicros());
    var changed = turn.kind() == Kind.WAITING ? DELAY_TOLD : Fields.NONE;
    var notice =
        new Notice(
            turn.action(),
            table.ledger.settlement(message, turn.kind(), turn.reply(), changed),
            turn.reply(),
            turn.via().peer(),
            turn.waiting().expiryMicros);
    bounces.tell(
        message,
        notice,
        table.scheduler,
        new Completion() {
          @Override
          public void onTold() {
            end(turn, true);
          }

          @Override
          public void onRefused() {
            end(turn, false);
          }
        });
    message.swapOut();
  }

  private void end(Turn turn, boolean told) {
    table.scheduler.check();
    inProgress--;
    turn.record().onBounced(turn, told);
    begin();
    table.onBounced();
  }

  /** True while notifications are on their way to the disk; each ends by itself. */
  boolean isUnderWay() {
    return inProgress > 0;
  }

  /** True when some wait for a turn that will never come. */
  boolean isForgotten() {
    boolean goesOn = inProgress > 0 || later.armed() || isAsking();
    return !turns.isEmpty() && !goesOn && !table.stopping();
  }

  /** No turn begins any more; the messages are their records', and stay in the spool. */
  void stop() {
    table.scheduler.disarm(later);
    turns.clear();
  }
}
