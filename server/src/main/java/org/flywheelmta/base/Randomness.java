package org.flywheelmta.base;

import java.util.random.RandomGenerator;

/** The one door to randomness. In a simulation everything behind it follows from one seed. */
@ConcurrentThreadSafe
public interface Randomness {
  /**
   * A new generator for one owner, seeded apart from all others.
   *
   * @param owner who draws from it; the same owners asking in the same order get the same numbers
   *     in a simulation
   */
  RandomGenerator generator(String owner);

  /** 64 bits that nobody outside can guess, from the machine's secure source. */
  long secret();

  /** The machine's randomness. */
  static Randomness system() {
    return SystemRandomness.INSTANCE;
  }
}
