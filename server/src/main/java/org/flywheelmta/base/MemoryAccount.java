package org.flywheelmta.base;

/**
 * What one connection has taken of a listener's share and of the budget of all. It is its
 * scheduler's and outlives its connection until all that was taken has gone back.
 */
@NonThreadSafe
public final class MemoryAccount {
  private final Limit listener;
  private final MemoryBudget budget;
  private long taken;

  /**
   * @param listener bytes that the connections of one listener have taken together
   * @param budget of everything
   */
  public MemoryAccount(Limit listener, MemoryBudget budget) {
    this.listener = listener;
    this.budget = budget;
  }

  /** Takes {@code bytes} of all three, or of none. */
  public boolean tryTake(long bytes) {
    if (!listener.tryTake(bytes)) {
      return false;
    }
    if (!budget.tryTake(bytes)) {
      listener.release(bytes);
      return false;
    }
    taken += bytes;
    return true;
  }

  /** Takes {@code bytes} even above what there is, for what is there already. */
  public void take(long bytes) {
    listener.take(bytes);
    budget.take(bytes);
    taken += bytes;
  }

  /** Gives {@code bytes} back to all three. */
  public void release(long bytes) {
    pass(bytes);
    budget.release(bytes);
  }

  /** {@code bytes} stay taken of the budget and are no longer this connection's. */
  public void pass(long bytes) {
    taken -= bytes;
    Check.that(taken >= 0, "a connection gives back more memory than it took");
    listener.release(bytes);
  }

  /** True when three quarters of the listener's share are taken, so that nothing new begins. */
  public boolean isShort() {
    return listener.taken() / 3 >= listener.maximum() / 4;
  }

  /** Bytes that are this connection's. */
  public long taken() {
    return taken;
  }

  /** The budget of everything. */
  public MemoryBudget budget() {
    return budget;
  }
}
