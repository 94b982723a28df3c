package org.flywheelmta.smtp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flywheelmta.domain.DeliverySession;
import org.flywheelmta.domain.DeliverySource;
import org.flywheelmta.domain.Outcome;
import org.flywheelmta.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * A source that gives the batches it was made with, releases each message with its outcome, and
 * fails when the session breaks the contract between them.
 */
final class ClientSource implements DeliverySource {
  private final ArrayDeque<List<Message>> waiting = new ArrayDeque<>();
  private final List<Message> out = new ArrayList<>();
  private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
  private final List<String> givenBack = new ArrayList<>();
  private boolean looksAhead;
  private boolean trusts = true;
  private Runnable whenAsked = () -> {};
  private Runnable whenTold = () -> {};
  private Runnable whenReady = () -> {};
  private boolean ready;
  private boolean closed;
  private int asked;
  private @Nullable Outcome failure;

  void add(List<Message> batch) {
    waiting.add(batch);
  }

  /** Lets the source give single messages ahead, until one comes back out of order. */
  void lookAhead() {
    looksAhead = true;
  }

  /** Whether it still does. */
  boolean trusts() {
    return trusts;
  }

  /** Recipients of what was given back, in that order. */
  List<String> givenBack() {
    return givenBack;
  }

  void whenAsked(Runnable action) {
    whenAsked = action;
  }

  void whenTold(Runnable action) {
    whenTold = action;
  }

  void whenReady(Runnable action) {
    whenReady = action;
  }

  boolean ready() {
    return ready;
  }

  boolean closed() {
    return closed;
  }

  /** How often the session asked for messages. */
  int asked() {
    return asked;
  }

  /** How many messages the session has. */
  int messagesOut() {
    return out.size();
  }

  @Nullable Outcome failure() {
    return failure;
  }

  /** By recipient, in the order in which they were told. */
  Map<String, Outcome> outcomes() {
    return outcomes;
  }

  /** The outcome of the message to that recipient. */
  Outcome outcome(String recipient) {
    var outcome = outcomes.get(recipient);
    if (outcome == null) {
      throw new AssertionError("no outcome for " + recipient + " among " + outcomes);
    }
    return outcome;
  }

  /** Gives up what no session took. */
  void clear() {
    waiting.forEach(batch -> batch.forEach(Message::release));
    waiting.clear();
  }

  @Override
  public @Nullable List<Message> next(DeliverySession session) {
    require(ready && !closed, "asked before it was ready or after it was closed");
    require(out.isEmpty(), "asked before all outcomes were told");
    asked++;
    whenAsked.run();
    var batch = waiting.poll();
    if (batch != null) {
      out.addAll(batch);
    }
    return batch;
  }

  @Override
  public @Nullable Message ahead(DeliverySession session) {
    require(ready && !closed, "looks ahead before it was ready or after it was closed");
    require(!out.isEmpty(), "looks ahead without a transaction");
    var batch = waiting.peek();
    boolean gives = looksAhead && trusts && batch != null && batch.size() == 1;
    if (!gives || givenBack.contains(batch.getFirst().recipient().toString())) {
      return null;
    }
    waiting.poll();
    out.addAll(batch);
    return batch.getFirst();
  }

  @Override
  public void giveBack(DeliverySession session, Message message, boolean orderly) {
    require(!closed, "gives back after it was closed");
    require(out.remove(message), "gives back a message that it does not have");
    trusts &= orderly;
    givenBack.add(message.recipient().toString());
    waiting.addFirst(List.of(message));
  }

  @Override
  public void onOutcome(DeliverySession session, Message message, Outcome outcome) {
    require(!closed, "told an outcome after it was closed");
    require(out.remove(message), "told an outcome of a message that it does not have");
    outcomes.put(message.recipient().toString(), outcome);
    message.release();
    whenTold.run();
  }

  @Override
  public void onReady(DeliverySession session) {
    require(!ready && !closed, "became ready twice or after it was closed");
    ready = true;
    whenReady.run();
  }

  @Override
  public void onClosed(DeliverySession session, @Nullable Outcome why) {
    require(!closed, "was closed twice");
    require(out.isEmpty(), "was closed with messages that have no outcome");
    require(ready == (why == null), "a failure is told when and only when it never was ready");
    closed = true;
    failure = why;
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError("the session " + otherwise);
    }
  }
}
