package org.flywheelmta.torture;

import java.util.SplittableRandom;

/**
 * The moments at which a Poisson process of a rate lets mails arrive: they follow the clock and the
 * seed, and never the server. For one thread.
 */
public final class Arrivals {
  private static final double MICROS = 1e6;

  private final double perSecond;
  private final SplittableRandom random;
  private double nextMicros;

  /**
   * Begins before the first.
   *
   * @param seed the same one gives the same moments
   */
  public Arrivals(double perSecond, long seed) {
    this.perSecond = perSecond;
    this.random = new SplittableRandom(seed);
    step();
  }

  /** Microseconds from the beginning to the next arrival. */
  public long nextMicros() {
    return (long) nextMicros;
  }

  /** Goes on to the one after it. */
  public void step() {
    nextMicros += -Math.log(1 - random.nextDouble()) / perSecond * MICROS;
  }
}
