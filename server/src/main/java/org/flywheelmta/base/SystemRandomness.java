package org.flywheelmta.base;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** The machine's randomness. */
@ConcurrentThreadSafe
final class SystemRandomness implements Randomness {
  static final SystemRandomness INSTANCE = new SystemRandomness();

  private final SecureRandom secure = new SecureRandom();

  private SystemRandomness() {}

  @Override
  public RandomGenerator generator(String owner) {
    return new SplittableRandom(secret());
  }

  @Override
  public long secret() {
    return secure.nextLong();
  }
}
