package org.flywheelmta.torture;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where composed mails wait, first for their time and then for a session that is free. It has no
 * clock: whoever has one says how late it is. Any thread may call.
 */
final class WaitingRoom {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition someDue = lock.newCondition();
  private final Condition someRoom = lock.newCondition();
  private final PriorityQueue<Arrival> early =
      new PriorityQueue<>(Comparator.comparingLong(Arrival::offerMicros));
  private final Deque<Arrival> due = new ArrayDeque<>();
  private final int limit;
  private long longest;
  private boolean closed;

  /**
   * @param limit how many mails may wait, whether their time has come or not
   */
  WaitingRoom(int limit) {
    this.limit = limit;
  }

  /** How many more mails may come in; never below 0. */
  int room() {
    lock.lock();
    try {
      return Math.max(0, limit - early.size() - due.size());
    } finally {
      lock.unlock();
    }
  }

  /** Waits until at least {@code wanted} more may come in, or the time is over. */
  int awaitRoom(int wanted, long timeoutNanos) throws InterruptedException {
    lock.lock();
    try {
      long left = timeoutNanos;
      while (limit - early.size() - due.size() < wanted && left > 0 && !closed) {
        left = someRoom.awaitNanos(left);
      }
      return Math.max(0, limit - early.size() - due.size());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes mails in. One that comes back after a refusal is let in even where there is no room: it
   * has a place in a session until then, so there are at most as many as sessions on top.
   */
  void admit(List<Arrival> arrivals) {
    lock.lock();
    try {
      early.addAll(arrivals);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets those go to the sessions whose time has come.
   *
   * @return when the next one's comes; {@link Long#MAX_VALUE} where nobody waits for that
   */
  long release(long nowMicros) {
    lock.lock();
    try {
      while (!early.isEmpty() && early.peek().offerMicros() <= nowMicros) {
        due.add(early.remove());
        someDue.signal();
      }
      longest = Math.max(longest, due.size());
      return early.isEmpty() ? Long.MAX_VALUE : early.peek().offerMicros();
    } finally {
      lock.unlock();
    }
  }

  /** The mail that is due for longest, or null where none came within the time. */
  @Nullable Arrival take(long timeoutNanos) throws InterruptedException {
    lock.lock();
    try {
      long left = timeoutNanos;
      while (due.isEmpty() && left > 0 && !closed) {
        left = someDue.awaitNanos(left);
      }
      var taken = closed ? null : due.poll();
      if (taken != null) {
        someRoom.signal();
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Ends all waiting; nobody gets a mail any more. Returns those that nobody took. */
  List<Arrival> close() {
    lock.lock();
    try {
      closed = true;
      someDue.signalAll();
      someRoom.signalAll();
      var left = new ArrayList<>(due);
      left.addAll(early);
      due.clear();
      early.clear();
      return left;
    } finally {
      lock.unlock();
    }
  }

  /** The most mails whose time had come that ever waited for a session together. */
  long longest() {
    lock.lock();
    try {
      return longest;
    } finally {
      lock.unlock();
    }
  }
}
