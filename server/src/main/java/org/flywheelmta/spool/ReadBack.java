package org.flywheelmta.spool;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Lender;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.MemoryBudget.Level;

/**
 * When contents are read back: while the budget is open, and always when no other content that was
 * read back is in memory, even above the maximum, so that delivery goes on whatever else takes
 * memory. Those for which there is no room wait in one queue, first come, first served.
 *
 * <p>The queue is the commit thread's; what was read is given back from any thread.
 */
@ConcurrentThreadSafe
final class ReadBack implements Lender {
  private final MemoryBudget memory;
  private final Runnable wake;
  private final ArrayDeque<Request.Load> waiting = new ArrayDeque<>();
  // Contents that are being read or are in memory.
  private final AtomicInteger held = new AtomicInteger();
  // Set before the room is looked at, and read after it has changed. Room that comes without a
  // change of level, from content that was not read back, is seen at the commit thread's next pass.
  private volatile boolean anyWaits;

  /**
   * @param wake makes the commit thread look again at what waits
   */
  ReadBack(MemoryBudget memory, Runnable wake) {
    this.memory = memory;
    this.wake = wake;
    memory.listen((from, to) -> onRoom());
  }

  private void onRoom() {
    if (anyWaits) {
      wake.run();
    }
  }

  /** Puts a read last. */
  void add(Request.Load load) {
    waiting.add(load);
    anyWaits = true;
  }

  /**
   * Begins what there is room for, in order.
   *
   * @param begun false where there was none after all
   */
  void begin(Predicate<Request.Load> begun) {
    while (!waiting.isEmpty() && begun.test(waiting.element())) {
      waiting.remove();
    }
    if (waiting.isEmpty()) {
      anyWaits = false;
    }
  }

  /** Ends all that waits. */
  void end(Consumer<Request.Load> ended) {
    waiting.forEach(ended);
    waiting.clear();
    anyWaits = false;
  }

  /** Takes room for a content, to be released with it. */
  boolean tryTake(long bytes) {
    if (memory.level() == Level.OPEN && memory.tryTake(bytes)) {
      held.incrementAndGet();
      return true;
    }
    if (held.compareAndSet(0, 1)) {
      memory.take(bytes);
      return true;
    }
    return false;
  }

  /** Gives room back that was not used; nobody is called. */
  void giveBack(long bytes) {
    held.decrementAndGet();
    memory.release(bytes);
  }

  @Override
  public void release(long bytes) {
    giveBack(bytes);
    onRoom();
  }
}
