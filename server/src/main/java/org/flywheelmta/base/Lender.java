package org.flywheelmta.base;

/** Where memory was taken from, and goes back to. */
@ConcurrentThreadSafe
@FunctionalInterface
public interface Lender {
  /** Takes back {@code bytes} that were taken before; from any thread. */
  void release(long bytes);
}
