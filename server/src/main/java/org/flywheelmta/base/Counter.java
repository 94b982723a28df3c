package org.flywheelmta.base;

import java.util.concurrent.atomic.LongAdder;

/** A count that only grows, fed by any thread and read now and then. */
@ConcurrentThreadSafe
public final class Counter {
  private final String name;
  private final LongAdder adder = new LongAdder();

  /**
   * @param name the metric's name, such as {@code flywheel_messages_received_total}
   */
  public Counter(String name) {
    this.name = name;
  }

  public void increment() {
    adder.increment();
  }

  public void add(long count) {
    adder.add(count);
  }

  public long value() {
    return adder.sum();
  }

  public String name() {
    return name;
  }
}
