package org.flywheelmta.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Bounces.Action;
import org.flywheelmta.domain.DomainTable.Arrival;
import org.flywheelmta.domain.Outcome.Delivered;
import org.flywheelmta.domain.Outcome.PermanentFailure;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.domain.Outcome.Unknown;
import org.flywheelmta.domain.Waiting.Place;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.message.Tag;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.flywheelmta.spool.StoredOutcome.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one routing policy: a domain, or a gateway that stands for many. It belongs to
 * one scheduler, and all that happens to it happens there. It may be one shard of several with the
 * same name, each on a scheduler of its own, with which it shares nothing but the limit of its
 * connections.
 *
 * <p>A message is given up when its {@code message_expiration} is over, wherever it waits. One that
 * was never attempted has its one attempt first when its turn comes, unless delivery is suspended
 * or the message asked for its expiry itself.
 *
 * <p>What arrives keeps its content in memory while there is enough, or a session is idle;
 * otherwise a session that takes it has it read back, so that a queue is bounded by the spool
 * alone.
 */
@NonThreadSafe(checked = true)
final class DomainRecord {
  /** How long a record that nobody uses keeps what it knows of its host. */
  static final long LINGER_NANOS = 600_000_000_000L;

  /** How many messages one search for a batch sorts out before it lets others have a turn. */
  private static final int MOST_SORTED_OUT = 1000;

  private static final Reply EXPIRED =
      new Reply("expiry", 0, "5.4.7", "not delivered within its lifetime");

  /** Whether a message of the active queue belongs to the record. */
  enum Belonging {
    HERE,
    /** It did not, and is on its way to another. */
    MOVED,
    /** It does not, and the other has no room now. */
    NO_ROOM
  }

  final Scheduler scheduler;
  final DomainTable table;
  final RoutingName name;

  /** The name as text, as events have it. */
  final String label;

  final MailQueue active;
  private final DelayedQueue delayed;
  // Messages whose senders are being told.
  private final Link bouncing = new Link();
  private final Drain drain;
  private final Retry retry;
  private final ConnectionTokens tokens;
  private final Maintainer maintainer;
  private final @Nullable Shards shards;
  private final TimedEvent linger = TimedEvent.of(now -> leaveWhenUnused());
  private DomainPolicy policy;
  private boolean touched;
  private boolean closed;
  private int delivering;
  private int bouncingSize;

  DomainRecord(DomainTable table, RoutingName name, DomainPolicy policy) {
    this.scheduler = table.scheduler;
    this.table = table;
    this.name = name;
    this.label = name.toString();
    this.policy = policy;
    this.active = new MailQueue(scheduler, table.totals, this::onExpired, this::maintain);
    this.delayed = new DelayedQueue(scheduler, table.totals, this::onDue, this::maintain);
    this.drain = new Drain(this, active, table.ledger, scheduler);
    this.retry = new Retry(scheduler);
    int connections = policy.maxOutboundConnections();
    this.shards =
        table.destinations.isSharded(name) ? table.domains.sharded.join(name, connections) : null;
    var limit = shards == null ? new ConnectionLimit(connections, 1, () -> {}) : shards.limit;
    limit.maximum(connections);
    this.tokens = new ConnectionTokens(limit, table.domains.connections, scheduler, this::onToken);
    this.maintainer = new Maintainer(this, tokens);
    if (shards != null) {
      shards.listen(table.index, new CallBack(scheduler, () -> callIdle(limit)));
    }
  }

  DomainPolicy policy() {
    return policy;
  }

  /**
   * Takes a message in stage committed with one reference to it. {@link #maintain} is called once
   * all that came together is in.
   *
   * @return true the first time since the last {@link #maintain}
   */
  boolean accept(Message message, DomainPolicy recipientPolicy, int generation) {
    scheduler.check();
    message.advance(Stage.COMMITTED, Stage.QUEUED);
    var waiting = new Waiting(message);
    waiting.generation = generation;
    limitLife(waiting, recipientPolicy);
    long due = Math.max(message.dueMicros(), micros(message, Tag.NOT_BEFORE, 0));
    if (due > scheduler.wallMicros()) {
      delay(waiting, due);
    } else {
      if (policy.suspendDelivery()
          || (table.neighbours.memoryIsShort() && maintainer.idle() <= active.size())) {
        message.swapOut();
      }
      activate(waiting);
    }
    boolean first = !touched;
    touched = true;
    return first;
  }

  private static void limitLife(Waiting waiting, DomainPolicy recipientPolicy) {
    var message = waiting.message;
    long configured = recipientPolicy.messageExpirationNanos() / 1000;
    waiting.expiryMicros =
        micros(message, Tag.EXPIRY, message.transaction().receivedMicros() + configured);
    waiting.strictExpiry =
        message.fields().has(Tag.EXPIRY) || message.transaction().fields().has(Tag.EXPIRY);
  }

  /** A time among the fields of the recipient, or else of the transaction. */
  private static long micros(Message message, int tag, long otherwise) {
    var value = message.fields().value(tag);
    if (value == null) {
      value = message.transaction().fields().value(tag);
    }
    if (value == null || value.length != Long.BYTES) {
      return otherwise;
    }
    long micros = 0;
    for (byte octet : value) {
      micros = (micros << 8) | (octet & 0xff);
    }
    return micros;
  }

  /** When a message is given up while it waits; never, while it still has its first attempt. */
  private long deadlineMicros(Waiting waiting) {
    boolean limited =
        waiting.strictExpiry || waiting.message.attempts() > 0 || policy.suspendDelivery();
    return limited ? waiting.expiryMicros : WallQueue.NEVER;
  }

  void activate(Waiting waiting) {
    table.onWaiting();
    active.append(waiting, deadlineMicros(waiting));
  }

  private void delay(Waiting waiting, long dueMicros) {
    waiting.message.swapOut();
    table.onWaiting();
    delayed.add(waiting, Math.min(dueMicros, deadlineMicros(waiting)));
  }

  private void onDue(Waiting waiting) {
    if (deadlineMicros(waiting) > scheduler.wallMicros()) {
      activate(waiting);
    } else if (table.ledger.reserve(1)) {
      finish(waiting, Kind.EXPIRED, Via.NONE, EXPIRED);
    } else {
      table.onWaiting();
      delayed.add(waiting, laterMicros());
    }
  }

  private void onExpired(Waiting waiting) {
    if (deadlineMicros(waiting) > scheduler.wallMicros() || !expire(waiting)) {
      active.await(waiting, Math.max(laterMicros(), deadlineMicros(waiting)));
    }
  }

  private long laterMicros() {
    return scheduler.wallMicros() + Ledger.ROOM_WAIT_NANOS / 1000;
  }

  /** Gives a message of the active queue up; false when that cannot be written down now. */
  private boolean expire(Waiting waiting) {
    if (!table.ledger.reserve(1)) {
      return false;
    }
    active.remove(waiting);
    finish(waiting, Kind.EXPIRED, Via.NONE, EXPIRED);
    return true;
  }

  /**
   * Takes the next batch: siblings with the same content and headers from the head of the queue.
   *
   * @return false when there may be one that cannot be had now: ask again a little later
   */
  boolean take(List<Waiting> batch) {
    scheduler.check();
    long now = scheduler.wallMicros();
    for (int i = 0; i < MOST_SORTED_OUT; i++) {
      var head = active.head();
      if (head == null) {
        return true;
      }
      switch (reconsider(head)) {
        case HERE -> {}
        case MOVED -> {
          continue;
        }
        case NO_ROOM -> {
          return false;
        }
      }
      if (deadlineMicros(head) > now) {
        takeSiblings(head, now, batch);
        return true;
      }
      if (!expire(head)) {
        return false;
      }
    }
    return false;
  }

  private void takeSiblings(Waiting head, long now, List<Waiting> batch) {
    var at = head;
    while (at != null && batch.size() < policy.maxRecipientsPerBatch()) {
      boolean fits =
          at == head
              || (at.generation == head.generation
                  && deadlineMicros(at) > now
                  && Siblings.travelTogether(head.message, at.message));
      if (!fits) {
        return;
      }
      var following = at.following();
      active.remove(at);
      at.move(Place.NONE, Place.PREPARED, table.totals);
      batch.add(at);
      at = following;
    }
  }

  /** Puts a batch that was taken and not begun back to the head, in its order. */
  void putBack(List<Waiting> batch) {
    for (int i = batch.size() - 1; i >= 0; i--) {
      var waiting = batch.get(i);
      waiting.move(Place.PREPARED, Place.NONE, table.totals);
      // What was read back counts as being delivered, and would keep others from it.
      waiting.message.swapOut();
      table.onWaiting();
      active.prepend(waiting, deadlineMicros(waiting));
    }
    batch.clear();
  }

  /**
   * Looks again whether a message of the active queue belongs here, if the configuration changed
   * since that was decided. One that does not is handed over when there is room where it goes.
   */
  Belonging reconsider(Waiting waiting) {
    int generation = table.destinations.generation();
    if (waiting.generation == generation) {
      return Belonging.HERE;
    }
    var message = waiting.message;
    var destination = table.destinations.of(message.recipient().domain());
    var target = table.domains.target(destination, message);
    if (target == table && destination.name().equals(name)) {
      waiting.generation = generation;
      limitLife(waiting, destination.policy());
      active.await(waiting, deadlineMicros(waiting));
      return Belonging.HERE;
    }
    if (!target.takeRoom(1)) {
      return Belonging.NO_ROOM;
    }
    active.remove(waiting);
    message.advance(Stage.QUEUED, Stage.COMMITTED);
    target.post(List.of(new Arrival(message, destination, generation)));
    return Belonging.MOVED;
  }

  void onDelivering(int change) {
    delivering += change;
  }

  /**
   * Acts on the outcome of an attempt for a message that is nowhere now, in stage queued or
   * delivering. A slot of the event ring is taken.
   */
  void settle(Waiting waiting, Outcome outcome, Via via) {
    var message = waiting.message;
    int attempts = message.attempts() + 1;
    message.schedule(attempts, 0);
    switch (outcome) {
      case Delivered(var reply, var tells) -> {
        if (!tells && table.bouncing.owes(waiting, Action.RELAYED)) {
          tell(waiting, Action.RELAYED, Kind.DELIVERED, via, reply);
        } else {
          finish(waiting, Kind.DELIVERED, via, reply);
        }
      }
      case PermanentFailure(var reply) -> finish(waiting, Kind.FAILED, via, reply);
      case TransientFailure(var reply, var scope) -> fail(waiting, reply, via);
      case Unknown(var reply) -> fail(waiting, reply, via);
    }
  }

  private void fail(Waiting waiting, Reply reply, Via via) {
    var message = waiting.message;
    int attempts = message.attempts();
    long due =
        retry.dueMicros(policy, message.transaction().id(), attempts, scheduler.wallMicros());
    message.schedule(attempts, due);
    if (message.stage() == Stage.DELIVERING) {
      message.advance(Stage.DELIVERING, Stage.QUEUED);
    }
    if (table.bouncing.owes(waiting, Action.DELAYED)) {
      tell(waiting, Action.DELAYED, Kind.WAITING, via, reply);
    } else {
      table.ledger.waits(message, label, via, reply);
      delay(waiting, due);
    }
  }

  /** Ends a message that is nowhere now. A slot of the event ring is taken. */
  void finish(Waiting waiting, Kind kind, Via via, Reply reply) {
    boolean fails = kind == Kind.FAILED || kind == Kind.EXPIRED;
    if (fails && table.bouncing.owes(waiting, Action.FAILED)) {
      tell(waiting, Action.FAILED, kind, via, reply);
    } else {
      table.ledger.done(waiting.message, kind, label, via, reply);
      end(waiting.message);
    }
  }

  private static void end(Message message) {
    boolean delivering = message.stage() == Stage.DELIVERING;
    message.advance(delivering ? Stage.DELIVERING : Stage.QUEUED, Stage.DONE);
    message.release();
  }

  /** Has its sender told, and keeps it until that is durable. A slot of the event ring is taken. */
  private void tell(Waiting waiting, Action action, Kind kind, Via via, Reply reply) {
    if (waiting.message.stage() == Stage.DELIVERING) {
      waiting.message.advance(Stage.DELIVERING, Stage.QUEUED);
    }
    waiting.move(Place.NONE, Place.BOUNCING, table.totals);
    waiting.linkBefore(bouncing);
    bouncingSize++;
    table.bouncing.add(new Bouncing.Turn(this, waiting, action, kind, via, reply));
  }

  /**
   * Its sender was told, and the outcome kept with it; or neither. A slot of the event ring is
   * taken.
   */
  void onBounced(Bouncing.Turn turn, boolean told) {
    var waiting = turn.waiting();
    leaveBouncing(waiting);
    var message = waiting.message;
    var ledger = table.ledger;
    if (told) {
      ledger.kept(message, turn.kind(), label, turn.via(), turn.reply());
    } else if (turn.kind() == Kind.FAILED || turn.kind() == Kind.EXPIRED) {
      postpone(waiting, turn);
    } else {
      // Only the notification is left out: once more late, or delivered all the same.
      ledger.done(message, turn.kind(), label, turn.via(), turn.reply());
    }
    if (turn.kind() == Kind.WAITING) {
      if (told) {
        message.amend(Tag.DELAY_TOLD, new byte[0]);
      }
      // The clock may have been set forward since that was decided.
      delay(waiting, Math.max(message.dueMicros(), scheduler.wallMicros()));
    } else if (told || turn.kind() == Kind.DELIVERED) {
      end(message);
    }
    if (bouncingSize == 0) {
      maintain();
    }
  }

  /** Its notification found no room: it is tried again as after a transient failure. */
  private void postpone(Waiting waiting, Bouncing.Turn turn) {
    var message = waiting.message;
    int attempts = message.attempts();
    long due =
        retry.dueMicros(policy, message.transaction().id(), attempts, scheduler.wallMicros());
    message.schedule(attempts, due);
    table.ledger.waits(message, label, turn.via(), untold(turn.reply()));
    table.onWaiting();
    // At that time and not before, though its lifetime may be over: that is what it waits with.
    delayed.add(waiting, due);
  }

  private static Reply untold(Reply reply) {
    var why = reply.code() == 0 ? reply.text() : reply.code() + " " + reply.text();
    return new Reply("bounce", 0, "4.3.1", "no room to tell the sender of: " + why);
  }

  private void leaveBouncing(Waiting waiting) {
    waiting.move(Place.BOUNCING, Place.NONE, table.totals);
    waiting.unlink();
    bouncingSize--;
  }

  /** Settles all that waits with one failure. */
  void failActive(Outcome outcome) {
    drain.begin(new Drain.Fail(outcome));
  }

  /** Discards all that waits. */
  void discardActive() {
    drain.begin(new Drain.Discard());
  }

  /** Does what the queue deserves now. */
  void maintain() {
    scheduler.check();
    if (closed) {
      return;
    }
    touched = false;
    maintainer.run();
    if (isUnused() && !linger.armed()) {
      scheduler.arm(linger, LINGER_NANOS);
    }
  }

  /** Follows a new configuration generation. */
  void onPolicy(DomainPolicy newPolicy) {
    scheduler.check();
    if (!newPolicy.equals(policy)) {
      var before = policy;
      policy = newPolicy;
      maintainer.onPolicy(before);
      drain.begin(new Drain.Reconsider());
    }
  }

  /** Follows a step of the wall clock. */
  void rearm() {
    active.rearm();
    delayed.rearm();
  }

  private void onToken() {
    scheduler.check();
    if (closed) {
      tokens.giveUp();
      leaveShards();
    } else {
      maintain();
    }
  }

  /** True when messages want to be delivered and nothing will ever look at them by itself. */
  boolean isForgotten() {
    if (closed || table.stopping()) {
      return false;
    }
    if (maintainer.hasForgottenSession()) {
      return true;
    }
    boolean drains = active.drainingSize() == 0 || drain.isUnderWay();
    boolean delivers =
        active.size() == 0
            || policy.suspendDelivery()
            || !tokens.atRest()
            || drain.isUnderWay()
            || maintainer.looksAgain();
    return !drains || !delivers;
  }

  /** The earliest time, wall clock microseconds, for which a message of the record waits. */
  long firstMicros() {
    return Math.min(active.firstMicros(), delayed.firstMicros());
  }

  /**
   * Has idle sessions leave for those who wait for a connection.
   *
   * @return false when no idle one is left
   */
  boolean callIdle(ConnectionLimit limit) {
    scheduler.check();
    return maintainer.callIdle(limit);
  }

  private boolean isUnused() {
    return active.size() + active.drainingSize() + delayed.size() + delivering + bouncingSize == 0
        && maintainer.sessions() == 0
        && tokens.atRest();
  }

  private void leaveWhenUnused() {
    if (isUnused()) {
      table.remove(this);
    }
  }

  /** Ends its sessions, and opens none any more. */
  void stop() {
    tokens.giveUp();
    maintainer.retireAll();
  }

  void abortSessions() {
    maintainer.abortAll();
  }

  /** Visits each message of the record in the one place where it is. */
  void forEach(Consumer<Waiting> visitor) {
    active.forEach(visitor);
    delayed.forEach(visitor);
    maintainer.forEach(visitor);
    for (var at = bouncing.following(); at != null; at = at.following()) {
      visitor.accept(at);
    }
  }

  /** Lets go of all messages, which the spool keeps; no session is left. */
  void close() {
    scheduler.check();
    closed = true;
    drain.stop();
    maintainer.stop();
    tokens.giveUp();
    leaveShards();
    scheduler.disarm(linger);
    for (var head = active.head(); head != null; head = active.head()) {
      active.drainAll();
      releaseDraining();
    }
    releaseDraining();
    var left = new ArrayList<Waiting>();
    delayed.forEach(left::add);
    for (var waiting : left) {
      delayed.remove(waiting);
      waiting.message.release();
    }
    for (var head = bouncing.following(); head != null; head = bouncing.following()) {
      leaveBouncing(head);
      head.message.release();
    }
  }

  /** Once no token of a closed record is under way any more, which it would pass on. */
  private void leaveShards() {
    if (shards != null && tokens.atRest()) {
      table.domains.sharded.leave(shards, table.index);
    }
  }

  /** Tokens that sessions have, that are in hand and that are under way: of the name's limit. */
  int tokensOfName() {
    return maintainer.sessions() + tokens.ofName.tokens();
  }

  /** The same of the server's limit. */
  int tokensOfServer() {
    return maintainer.sessions() + tokens.ofServer.tokens();
  }

  /** The limit of its name's connections, which shards share. */
  ConnectionLimit limit() {
    return tokens.ofName.limit;
  }

  int sessions() {
    return maintainer.sessions();
  }

  /** Whether the record stands in line for the token of a connection. */
  boolean waitsForConnection() {
    return tokens.ofName.place().waits() || tokens.ofServer.place().waits();
  }

  private void releaseDraining() {
    for (var head = active.drainingHead(); head != null; head = active.drainingHead()) {
      active.remove(head);
      head.message.release();
    }
  }
}
