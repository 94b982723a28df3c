package org.flywheelmta.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Message.Stage;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.scheduler.TimedEvent;
import org.jspecify.annotations.Nullable;

/** A delivery method without a network: a test says how connections and messages fare. */
@NonThreadSafe
final class ScriptedMethod implements DeliveryMethod {
  static final Reply FINE = new Reply("body", 250, "2.0.0", "ok");

  static final Reply GIVEN_UP = new Reply("end", 0, "", "given up");

  /** What is delivered in one transaction. */
  record Batch(DeliveryTarget target, List<Message> messages) {}

  final List<Batch> batches = new ArrayList<>();
  final List<DeliveryTarget> opened = new ArrayList<>();
  final List<Session> sessions = new ArrayList<>();
  Supplier<@Nullable Outcome> connect = () -> null;
  Function<Message, Outcome> reply = message -> new Outcome.Delivered(FINE);
  // Where they are set, the same by the target.
  @Nullable Function<DeliveryTarget, @Nullable Outcome> connectTo;
  @Nullable BiFunction<DeliveryTarget, Message, Outcome> replyFrom;
  long connectNanos = 2_000_000;
  long replyNanos = 2_000_000;
  long idleNanos = 5_000_000_000L;
  int batchesPerSession = Integer.MAX_VALUE;
  // Whether sessions ask for a message ahead while they await a reply, how many were given, and
  // which of them come back.
  boolean looksAhead;
  int givenAhead;
  Predicate<Message> comesBack = message -> false;
  boolean orderly = true;
  boolean hangs;
  // Sessions that are to leave never say goodbye.
  boolean clings;
  // Whether idle sessions may go over to another source, and how many did.
  boolean adopts = true;
  int adopted;
  int open;
  int mostOpen;
  int limit = Integer.MAX_VALUE;
  int limitPerTarget = Integer.MAX_VALUE;

  @Override
  public DeliverySession open(Scheduler scheduler, DeliveryTarget target, DeliverySource source) {
    scheduler.check();
    opened.add(target);
    open++;
    mostOpen = Math.max(mostOpen, open);
    long same = sessions.stream().filter(session -> session.target.equals(target)).count();
    if (open > limit || same >= limitPerTarget) {
      throw new AssertionError(
          "more connections than the limit: %d of %d, %d of %d"
              .formatted(open, limit, same + 1, limitPerTarget));
    }
    return new Session(scheduler, target, source);
  }

  /** How many sessions took a connection. */
  long ready() {
    return sessions.stream().filter(session -> session.ready).count();
  }

  final class Session implements DeliverySession {
    private final Scheduler scheduler;
    private DeliveryTarget target;
    private DeliverySource source;
    private final TimedEvent event = TimedEvent.of(now -> onTime());
    private final long id = opened.size();
    private @Nullable List<Message> batch;
    private @Nullable Message follower;
    private boolean looked;
    private int given;
    private boolean ready;
    private boolean ending;
    private boolean retired;
    private boolean closed;

    Session(Scheduler scheduler, DeliveryTarget target, DeliverySource source) {
      this.scheduler = scheduler;
      this.target = target;
      this.source = source;
      sessions.add(this);
      scheduler.arm(event, connectNanos);
    }

    DeliverySource source() {
      return source;
    }

    /** Number of the scheduler that it lives on. */
    int owner() {
      return scheduler.index();
    }

    /** The time of connecting, of a reply, or of idling is over. */
    private void onTime() {
      if (!ready) {
        var byTarget = connectTo;
        var failure = byTarget == null ? connect.get() : byTarget.apply(target);
        if (failure != null) {
          close(failure);
          return;
        }
        ready = true;
        source.onReady(this);
        ask();
      } else if (batch != null && looksAhead && !looked) {
        looked = true;
        follower = ending || given >= batchesPerSession ? null : source.ahead(this);
        scheduler.arm(event, replyNanos / 2);
      } else if (batch != null) {
        report(batch);
      } else {
        close(null);
      }
    }

    private void report(List<Message> messages) {
      batch = null;
      for (var message : messages) {
        if (message.stage() != Stage.DELIVERING) {
          throw new AssertionError("a message in a session is not being delivered");
        }
        var byTarget = replyFrom;
        var outcome = byTarget == null ? reply.apply(message) : byTarget.apply(target, message);
        boolean ends =
            outcome instanceof Outcome.Unknown
                || (outcome instanceof Outcome.TransientFailure failure
                    && failure.scope() != Outcome.Scope.MESSAGE);
        ending = ending || ends;
        source.onOutcome(this, message, outcome);
      }
      var following = follower;
      follower = null;
      if (following == null) {
        ask();
      } else if (ending && !retired) {
        source.giveBack(this, following, false);
        ask();
      } else if (comesBack.test(following)) {
        source.giveBack(this, following, orderly);
        ask();
      } else {
        givenAhead++;
        begin(List.of(following));
      }
    }

    private void ask() {
      if (ending || given >= batchesPerSession) {
        close(null);
        return;
      }
      var next = source.next(this);
      if (closed) {
        return;
      }
      if (next == null) {
        linger();
        return;
      }
      begin(next);
    }

    private void begin(List<Message> next) {
      given++;
      looked = false;
      batch = next;
      batches.add(new Batch(target, List.copyOf(next)));
      for (var message : next) {
        if (message.content() == null) {
          throw new AssertionError("a session got a message without its content");
        }
      }
      if (!hangs) {
        scheduler.arm(event, replyNanos);
      } else {
        scheduler.disarm(event);
      }
    }

    void close(@Nullable Outcome failure) {
      closed = true;
      scheduler.disarm(event);
      open--;
      sessions.remove(this);
      source.onClosed(this, failure);
    }

    @Override
    public boolean wake() {
      if (!closed && !ending && ready && batch == null) {
        scheduler.disarm(event);
        ask();
      }
      return !closed && !ending;
    }

    @Override
    public boolean adopt(DeliveryTarget wanted, DeliverySource adopting) {
      if (closed || ending || !ready || batch != null || !adopts) {
        return false;
      }
      target = wanted;
      source = adopting;
      adopted++;
      return true;
    }

    @Override
    public void retire() {
      retired = true;
      ending = true;
      if (batch == null && !closed) {
        ready = true;
        linger();
      }
    }

    /** Waits to be woken; or says goodbye, which takes a while. */
    private void linger() {
      if (ending && clings) {
        scheduler.disarm(event);
      } else {
        scheduler.arm(event, ending ? replyNanos : idleNanos);
      }
    }

    @Override
    public void abort() {
      if (closed) {
        return;
      }
      var following = follower;
      if (following != null) {
        follower = null;
        source.giveBack(this, following, false);
      }
      var left = batch;
      if (left != null) {
        batch = null;
        left.forEach(message -> source.onOutcome(this, message, new Outcome.Unknown(GIVEN_UP)));
      }
      close(ready ? null : new Outcome.TransientFailure(GIVEN_UP, Outcome.Scope.DOMAIN));
    }

    @Override
    public long connectionId() {
      return id;
    }

    /** The other side answers at last. */
    void answer() {
      scheduler.arm(event, replyNanos);
    }
  }
}
