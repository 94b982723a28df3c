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
import org.flywheelmta.message.Message.Stage;
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
  // Made when they are needed first: what is settled together, and what is given up.
  private @Nullable Drain drain;
  private @Nullable Drain expiring;
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
    this.active = new MailQueue(this);
    this.delayed = new DelayedQueue(this);
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
   * Takes a message, in stage committed where it is in memory. {@link #maintain} is called once all
   * that came together is in.
   *
   * @param dueMicros when it may be attempted, wall clock microseconds
   * @return true the first time since the last {@link #maintain}
   */
  boolean accept(Waiting waiting, long dueMicros, DomainPolicy recipientPolicy) {
    scheduler.check();
    var message = waiting.inMemory();
    if (message != null) {
      message.advance(Stage.COMMITTED, Stage.QUEUED);
    }
    limitLife(waiting, recipientPolicy);
    if (dueMicros > scheduler.wallMicros()) {
      delay(waiting, dueMicros);
    } else {
      if (policy.suspendDelivery()
          || (table.neighbours.memoryIsShort() && maintainer.idle() <= active.size())) {
        waiting.becomeStub(table.queueMemory);
      }
      activate(waiting);
    }
    boolean first = !touched;
    touched = true;
    return first;
  }

  private static void limitLife(Waiting waiting, DomainPolicy recipientPolicy) {
    if (!waiting.strictExpiry) {
      long configured = recipientPolicy.messageExpirationNanos() / 1000;
      waiting.expiryMicros = waiting.begunMicros() + configured;
    }
  }

  /** When a message is given up while it waits; never, while it still has its first attempt. */
  private long deadlineMicros(Waiting waiting) {
    boolean limited = waiting.strictExpiry || waiting.attempts() > 0 || policy.suspendDelivery();
    return limited ? waiting.expiryMicros : WallAlarm.NEVER;
  }

  boolean isExpired(Waiting waiting) {
    return deadlineMicros(waiting) <= scheduler.wallMicros();
  }

  /** Puts a message last that is nowhere now; one without its content becomes a stub. */
  void activate(Waiting waiting) {
    var message = waiting.inMemory();
    if (message != null && message.content() == null) {
      waiting.becomeStub(table.queueMemory);
    }
    table.onWaiting();
    active.append(waiting, deadlineMicros(waiting));
  }

  private void delay(Waiting waiting, long dueMicros) {
    delayAtLeast(waiting, Math.min(dueMicros, deadlineMicros(waiting)));
  }

  private void delayAtLeast(Waiting waiting, long wakeMicros) {
    table.onWaiting();
    delayed.add(waiting, wakeMicros);
  }

  /** The time has come of a message that was delayed: to be tried again, or to be given up. */
  void onDue(Waiting waiting) {
    int generation = table.destinations.generation();
    var destination = table.destinations.of(waiting.domain);
    limitLife(waiting, destination.policy());
    if (belongsHere(waiting, destination)) {
      waiting.generation = generation;
    }
    activate(waiting);
  }

  private boolean belongsHere(Waiting waiting, Destination destination) {
    return destination.name().equals(name) && table.domains.target(destination, waiting) == table;
  }

  /** The lifetime may be over of an active message, which is in its place. */
  void onExpired(Waiting waiting) {
    if (isExpired(waiting)) {
      expire(waiting);
    } else {
      active.await(waiting, deadlineMicros(waiting));
    }
  }

  private void expire(Waiting waiting) {
    if (expiring == null) {
      expiring = new Drain(this);
    }
    expiring.giveUp(waiting);
  }

  /**
   * Takes the next batch: siblings with the same content and headers from the head of the queue;
   * all in memory, or all stubs.
   *
   * @return false when there may be one that cannot be had now: ask again a little later
   */
  boolean take(List<Waiting> batch) {
    scheduler.check();
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
      if (!isExpired(head)) {
        takeSiblings(head, batch);
        return true;
      }
      expire(head);
    }
    return false;
  }

  private void takeSiblings(Waiting head, List<Waiting> batch) {
    var at = head;
    while (at != null && batch.size() < policy.maxRecipientsPerBatch()) {
      boolean fits =
          at == head
              || (at.generation == head.generation
                  && !isExpired(at)
                  && Siblings.travelTogether(head, at));
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

  /**
   * Takes the head of the queue if it can begin at once and alone, with a slot of the event ring.
   *
   * @return null when it cannot; nothing has changed then
   */
  @Nullable Waiting takeAhead() {
    var head = active.head();
    if (head == null
        || head.generation != table.destinations.generation()
        || head.inMemory() == null
        || head.message().content() == null
        || head.givenBack
        || isExpired(head)) {
      return null;
    }
    var following = head.following();
    boolean alone = following == null || !Siblings.travelTogether(head, following);
    if (!alone || !table.ledger.reserve(1)) {
      return null;
    }
    active.remove(head);
    head.move(Place.NONE, Place.DELIVERING, table.totals);
    head.message().advance(Stage.QUEUED, Stage.DELIVERING);
    onDelivering(1);
    return head;
  }

  /** Puts back to the head what {@link #takeAhead} took. */
  void giveBack(Waiting waiting) {
    waiting.move(Place.DELIVERING, Place.NONE, table.totals);
    waiting.message().advance(Stage.DELIVERING, Stage.QUEUED);
    onDelivering(-1);
    table.ledger.giveBack(1);
    table.onWaiting();
    waiting.givenBack = true;
    active.prepend(waiting, deadlineMicros(waiting));
  }

  /** Puts what was taken and not begun back to the head, in its order, as stubs. */
  void putBack(List<Waiting> batch) {
    for (int i = batch.size() - 1; i >= 0; i--) {
      var waiting = batch.get(i);
      waiting.move(Place.PREPARED, Place.NONE, table.totals);
      // What was read back counts as being delivered, and would keep others from it.
      waiting.becomeStub(table.queueMemory);
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
    var destination = table.destinations.of(waiting.domain);
    if (belongsHere(waiting, destination)) {
      waiting.generation = generation;
      active.forgetDeadline(waiting);
      limitLife(waiting, destination.policy());
      active.await(waiting, deadlineMicros(waiting));
      return Belonging.HERE;
    }
    var target = table.domains.target(destination, waiting);
    if (!target.takeRoom(1)) {
      return Belonging.NO_ROOM;
    }
    active.remove(waiting);
    var departing = waiting.departing();
    departing.generation = generation;
    var message = departing.inMemory();
    if (message != null) {
      message.advance(Stage.QUEUED, Stage.COMMITTED);
    }
    target.post(List.of(new Arrival(departing, 0, destination)));
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
    var message = waiting.message();
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
    var message = waiting.message();
    long due = retryMicros(waiting);
    message.schedule(message.attempts(), due);
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
      table.ledger.done(waiting.message(), kind, label, via, reply);
      end(waiting);
    }
  }

  private void end(Waiting waiting) {
    var message = waiting.message();
    boolean delivering = message.stage() == Stage.DELIVERING;
    message.advance(delivering ? Stage.DELIVERING : Stage.QUEUED, Stage.DONE);
    waiting.release(table.queueMemory);
  }

  /** Ends a stub that is nowhere now, and of which nothing can be read. As {@link #finish}. */
  void lose(Waiting waiting, String reason) {
    table.ledger.lost(waiting, label, reason);
    waiting.release(table.queueMemory);
  }

  /**
   * Has a stub wait that is nowhere now, and cannot be read now: for as long as after an attempt,
   * which it was not.
   */
  void postpone(Waiting waiting) {
    delay(waiting, retryMicros(waiting));
  }

  private long retryMicros(Waiting waiting) {
    int attempts = Math.max(1, waiting.attempts());
    return retry.dueMicros(policy, waiting.id(), attempts, scheduler.wallMicros());
  }

  /** Has its sender told, and keeps it until that is durable. A slot of the event ring is taken. */
  private void tell(Waiting waiting, Action action, Kind kind, Via via, Reply reply) {
    var message = waiting.message();
    if (message.stage() == Stage.DELIVERING) {
      message.advance(Stage.DELIVERING, Stage.QUEUED);
    }
    waiting.move(Place.NONE, Place.BOUNCING, table.totals);
    waiting.linkBefore(bouncing);
    bouncingSize++;
    table.bouncing.add(
        new Bouncing.Turn(this, waiting, action, kind, via, reply, message.dueMicros()));
  }

  /**
   * Its sender was told, and the outcome kept with it; or neither. A slot of the event ring is
   * taken.
   */
  void onBounced(Bouncing.Turn turn, boolean told) {
    var waiting = turn.waiting();
    leaveBouncing(waiting);
    var message = waiting.message();
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
      // The clock may have been set forward since that was decided.
      delay(waiting, Math.max(turn.dueMicros(), scheduler.wallMicros()));
    } else if (told || turn.kind() == Kind.DELIVERED) {
      end(waiting);
    }
    if (bouncingSize == 0) {
      maintain();
    }
  }

  /** Nothing can be read of one whose sender was to be told. A slot of the event ring is taken. */
  void onUntold(Waiting waiting, String reason) {
    leaveBouncing(waiting);
    lose(waiting, reason);
    if (bouncingSize == 0) {
      maintain();
    }
  }

  /** Its notification found no room: it is tried again as after a transient failure. */
  private void postpone(Waiting waiting, Bouncing.Turn turn) {
    var message = waiting.message();
    long due = retryMicros(waiting);
    message.schedule(message.attempts(), due);
    table.ledger.waits(message, label, turn.via(), untold(turn.reply()));
    // At that time and not before, though its lifetime may be over: that is what it waits with.
    delayAtLeast(waiting, due);
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
    settleActive(new Drain.Fail(outcome));
  }

  /** Discards all that waits. */
  void discardActive() {
    settleActive(new Drain.Discard());
  }

  private void settleActive(Drain.Verdict verdict) {
    boolean empty = active.size() == 0 && (drain == null || drain.isEmpty());
    if (empty) {
      return;
    }
    if (drain == null) {
      drain = new Drain(this);
    }
    drain.begin(verdict);
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
      settleActive(new Drain.Reconsider());
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
    boolean drains = drain != null && !drain.isEmpty();
    boolean delivers =
        active.size() == 0
            || policy.suspendDelivery()
            || !tokens.atRest()
            || drains
            || maintainer.looksAgain();
    return isForgotten(drain) || isForgotten(expiring) || !delivers;
  }

  private static boolean isForgotten(@Nullable Drain drain) {
    return drain != null && drain.isForgotten();
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
    return active.size() + active.asideSize() + delayed.size() + delivering + bouncingSize == 0
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
    for (var aside : drains()) {
      aside.forEach(visitor);
    }
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
    maintainer.stop();
    tokens.giveUp();
    leaveShards();
    scheduler.disarm(linger);
    active.forEach(this::letGo);
    for (var aside : drains()) {
      aside.stop();
      aside.forEach(this::letGo);
    }
    delayed.clear();
    for (var head = bouncing.following(); head != null; head = bouncing.following()) {
      leaveBouncing(head);
      head.release(table.queueMemory);
    }
  }

  private void letGo(Waiting waiting) {
    active.remove(waiting);
    waiting.release(table.queueMemory);
  }

  private List<Drain> drains() {
    var drains = new ArrayList<Drain>(2);
    if (drain != null) {
      drains.add(drain);
    }
    if (expiring != null) {
      drains.add(expiring);
    }
    return drains;
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
}
