package org.flywheelmta.domain;

import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.event.MailEvent.Where;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.spool.Settlement;
import org.flywheelmta.spool.StoredOutcome;
import org.flywheelmta.spool.StoredOutcome.Kind;

/**
 * Writes down what became of messages: in the spool first, then in the event log. Each entry uses
 * one slot of the event ring, which {@link #reserve} took before.
 */
@NonThreadSafe
final class Ledger {
  /** How long whoever finds no room waits before asking again. */
  static final long ROOM_WAIT_NANOS = 100_000_000;

  /** Name of the one binding that there is. */
  static final String BINDING = "default";

  private final Scheduler scheduler;
  private final Neighbours neighbours;
  private final DomainCounters counters;

  Ledger(Scheduler scheduler, Neighbours neighbours, DomainCounters counters) {
    this.scheduler = scheduler;
    this.neighbours = neighbours;
    this.counters = counters;
  }

  /** Takes slots for outcomes to come; false when none can be kept now. */
  boolean reserve(int slots) {
    return neighbours.outcomesAreKept() && neighbours.events().reserve(slots);
  }

  /** Gives slots back that were reserved and are not used. */
  void giveBack(int slots) {
    neighbours.events().release(slots);
  }

  /** It is to be tried again; the message knows its attempts and due time already. */
  void waits(Message message, String domain, Via via, Reply reply) {
    done(message, Kind.WAITING, domain, via, reply);
  }

  /** It is done. */
  void done(Message message, Kind kind, String domain, Via via, Reply reply) {
    long wallMicros = scheduler.wallMicros();
    store(message, kind, reply, wallMicros);
    kept(message, kind, domain, via, reply, wallMicros);
  }

  private void store(Message message, Kind kind, Reply reply, long wallMicros) {
    var outcome = outcome(message, kind, reply, Fields.NONE, wallMicros);
    neighbours.spool().outcome(message.transaction().id(), message.index(), outcome);
  }

  /** The outcome as another transaction carries it. */
  Settlement settlement(Message message, Kind kind, Reply reply, Fields changed) {
    return new Settlement(
        message.transaction().id(),
        message.index(),
        outcome(message, kind, reply, changed, scheduler.wallMicros()));
  }

  /** The spool has the outcome already. */
  void kept(Message message, Kind kind, String domain, Via via, Reply reply) {
    kept(message, kind, domain, via, reply, scheduler.wallMicros());
  }

  private void kept(
      Message message, Kind kind, String domain, Via via, Reply reply, long wallMicros) {
    var type =
        switch (kind) {
          case DELIVERED -> {
            counters.delivered.increment();
            yield MailEvent.Type.DELIVERY;
          }
          case FAILED -> {
            counters.permanentFailures.increment();
            yield MailEvent.Type.BOUNCE;
          }
          case EXPIRED -> {
            counters.expired.increment();
            yield MailEvent.Type.EXPIRY;
          }
          case DISCARDED -> {
            counters.discarded.increment();
            yield MailEvent.Type.DISCARD;
          }
          case WAITING -> {
            counters.transientFailures.increment();
            yield MailEvent.Type.TEMPFAIL;
          }
        };
    publish(message, type, domain, via, reply, wallMicros);
  }

  /**
   * A stub ends of which nothing can be read: nobody can be told who sent it, and to whom.
   *
   * @param domain of its record
   * @param reason one sentence
   */
  void lost(Waiting stub, String domain, String reason) {
    var reply = new Reply("content", 0, "5.3.0", reason);
    var id = stub.id();
    long wallMicros = scheduler.wallMicros();
    var outcome =
        new StoredOutcome(Kind.FAILED, stub.attempts(), 0, wallMicros, text(reply), Fields.NONE);
    neighbours.spool().outcome(id, stub.index, outcome);
    counters.permanentFailures.increment();
    neighbours
        .events()
        .publish(
            new MailEvent(
                MailEvent.Type.BOUNCE,
                wallMicros,
                id,
                stub.index,
                Via.NONE.connectionId(),
                "",
                "",
                0,
                new Where("", domain, Via.NONE.peer(), BINDING),
                reply,
                stub.attempts(),
                Math.max(0, wallMicros - id.wallMicros()) * 1000));
    neighbours
        .operator()
        .error(
            "message "
                + new MessageId(id, stub.index)
                + " ends as failed, and its sender cannot be told: "
                + reason);
  }

  private static StoredOutcome outcome(
      Message message, Kind kind, Reply reply, Fields changed, long wallMicros) {
    long due = kind == Kind.WAITING ? message.dueMicros() : 0;
    return new StoredOutcome(kind, message.attempts(), due, wallMicros, text(reply), changed);
  }

  private void publish(
      Message message, MailEvent.Type type, String domain, Via via, Reply reply, long wallMicros) {
    var transaction = message.transaction();
    neighbours
        .events()
        .publish(
            new MailEvent(
                type,
                wallMicros,
                transaction.id(),
                message.index(),
                via.connectionId(),
                transaction.sender().toString(),
                message.recipient().toString(),
                transaction.contentBytes(),
                new Where("", domain, via.peer(), BINDING, via.tls()),
                reply,
                message.attempts(),
                Math.max(0, wallMicros - transaction.receivedMicros()) * 1000));
  }

  private static String text(Reply reply) {
    var text = new StringBuilder();
    if (reply.code() != 0) {
      text.append(reply.code()).append(' ');
    }
    if (!reply.enhanced().isEmpty()) {
      text.append(reply.enhanced()).append(' ');
    }
    text.append(reply.text());
    text.setLength(Math.min(text.length(), StoredOutcome.MAX_REPLY));
    return text.toString();
  }
}
