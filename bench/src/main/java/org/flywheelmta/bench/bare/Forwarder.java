package org.flywheelmta.bench.bare;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one loop has to pass on: letters that are safe, and few connections to the next server. It
 * also knows how much memory the loop's letters hold. Belongs to its loop, but for {@link #post}.
 */
final class Forwarder {
  /** Opens a connection of this loop; a failure ends in {@link #onLost}. */
  interface Dialer {
    void dial(Link link);
  }

  private final EventLoop loop;
  private final @Nullable Dialer dialer;
  private final ArrayDeque<Letter> waiting = new ArrayDeque<>();
  private final ArrayDeque<Link> idle = new ArrayDeque<>();
  private final ArrayDeque<Intake> parked = new ArrayDeque<>();
  private final List<Link> links = new ArrayList<>();
  private int opening;
  private int sessions;
  private long held;
  private boolean paused;
  private boolean closed;

  /**
   * @param dialer null where letters go nowhere once they are safe
   */
  Forwarder(EventLoop loop, @Nullable Dialer dialer) {
    this.loop = loop;
    this.dialer = dialer;
  }

  /** A place for one more session; it is given back by {@link #onSessionEnd}. */
  boolean takeSession() {
    if (sessions == Limits.SESSIONS / Limits.LOOPS) {
      return false;
    }
    sessions++;
    return true;
  }

  void onSessionEnd() {
    sessions--;
  }

  /** Whether the content of one more letter may be taken. */
  boolean hasRoom() {
    return held < Limits.HELD_PER_LOOP;
  }

  /** The session is told by {@link Intake#onRoom}. */
  void awaitRoom(Intake session) {
    parked.add(session);
  }

  /** The letter's content is complete, and counts until it is delivered. */
  void hold(Letter letter) {
    held += letter.held();
  }

  /** Any thread: gives safe letters back to their loop. */
  void post(List<Letter> letters) {
    loop.execute(() -> onCommitted(letters));
  }

  private void onCommitted(List<Letter> letters) {
    for (var letter : letters) {
      letter.session().onCommitted();
      if (dialer == null) {
        onDelivered(letter);
      } else {
        waiting.add(letter);
      }
    }
    dispatch();
  }

  private void dispatch() {
    if (closed) {
      waiting.forEach(Letter::release);
      waiting.clear();
      return;
    }
    // A link at work takes what waits with its next write, which is cheaper than to wake another.
    while (!idle.isEmpty() && isMuch(links.size() - opening - idle.size())) {
      idle.removeLast().send(waiting.remove());
    }
    boolean wantsMore = opening == 0 && idle.isEmpty() && isMuch(links.size());
    if (dialer != null && wantsMore && links.size() < Limits.CONNECTIONS_PER_LOOP && !paused) {
      opening++;
      var link = new Link(this);
      links.add(link);
      dialer.dial(link);
    }
  }

  /** Whether more waits than so many links should have before them. */
  private boolean isMuch(int forLinks) {
    return waiting.size() > forLinks * Limits.WAITING_PER_CONNECTION;
  }

  /** The link greeted and has nothing to do. */
  void onReady(Link link) {
    opening--;
    onIdle(link);
  }

  void onIdle(Link link) {
    idle.add(link);
    dispatch();
  }

  /** One more letter for a link that has just written another one's content. */
  @Nullable Letter next() {
    return waiting.poll();
  }

  void onDelivered(Letter letter) {
    held -= letter.held();
    letter.release();
    while (!parked.isEmpty() && hasRoom()) {
      parked.remove().onRoom();
    }
  }

  /** The link is gone; what it did not deliver for certain goes out again. */
  void onLost(Link link, boolean wasReady, List<Letter> undelivered) {
    if (!wasReady) {
      opening--;
    }
    links.remove(link);
    idle.remove(link);
    for (var letter : undelivered.reversed()) {
      letter.rewind();
      waiting.addFirst(letter);
    }
    paused = !closed;
    if (paused) {
      var _ = loop.schedule(this::retry, Limits.RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
    }
    dispatch();
  }

  private void retry() {
    paused = false;
    dispatch();
  }

  /** What waits is forgotten, and the links are closed. */
  void close() {
    closed = true;
    List.copyOf(links).forEach(Link::close);
    dispatch();
  }
}
