package org.flywheelmta.sim;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * How the way to an address behaves for connections that begin now.
 *
 * @param leastLatencyNanos the shortest time from one end to the other
 * @param mostLatencyNanos the longest; arrival keeps the order of one direction
 * @param segmentBytes the largest piece that arrives at once; sizes are drawn below it
 * @param windowBytes how much a direction holds that the receiver has not read
 * @param resetChance how likely a piece is to reset the connection instead of arriving
 * @param refusing true: attempts are refused
 * @param silent true: attempts are never answered
 */
@ReadOnlyThreadSafe
public record Link(
    long leastLatencyNanos,
    long mostLatencyNanos,
    int segmentBytes,
    int windowBytes,
    double resetChance,
    boolean refusing,
    boolean silent) {
  private static final long MILLISECOND = 1_000_000;

  /** A fast network without faults: 50 µs to 1 ms, pieces up to 16 KiB, a window of 64 KiB. */
  public static Link fast() {
    return new Link(50_000, MILLISECOND, 16 << 10, 64 << 10, 0, false, false);
  }

  /** As {@link #fast}, with pieces of a few bytes and a window of 64. */
  public static Link tiny() {
    return fast().withSegmentBytes(7).withWindowBytes(64);
  }

  public Link withLatency(long leastNanos, long mostNanos) {
    return new Link(
        leastNanos, mostNanos, segmentBytes, windowBytes, resetChance, refusing, silent);
  }

  public Link withSegmentBytes(int bytes) {
    return new Link(
        leastLatencyNanos, mostLatencyNanos, bytes, windowBytes, resetChance, refusing, silent);
  }

  public Link withWindowBytes(int bytes) {
    return new Link(
        leastLatencyNanos, mostLatencyNanos, segmentBytes, bytes, resetChance, refusing, silent);
  }

  public Link withResetChance(double chance) {
    return new Link(
        leastLatencyNanos, mostLatencyNanos, segmentBytes, windowBytes, chance, refusing, silent);
  }

  /** Attempts are refused. */
  public Link refused() {
    return new Link(
        leastLatencyNanos, mostLatencyNanos, segmentBytes, windowBytes, resetChance, true, false);
  }

  /** Attempts vanish: the address is a black hole. */
  public Link vanishing() {
    return new Link(
        leastLatencyNanos, mostLatencyNanos, segmentBytes, windowBytes, resetChance, false, true);
  }
}
