package org.flywheelmta.sim;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.Randomness;

/** Randomness that follows from a seed: each asker gets a stream of its own. */
@ConcurrentThreadSafe
final class SimRandomness implements Randomness {
  private final long seed;
  private final SplittableRandom secrets;
  private int asked;

  SimRandomness(long seed) {
    this.seed = seed;
    this.secrets = new SplittableRandom(Trace.mix(seed, "secret".hashCode()));
  }

  @Override
  public RandomGenerator generator(String owner) {
    asked++;
    return new SplittableRandom(Trace.mix(Trace.mix(seed, owner.hashCode()), asked));
  }

  @Override
  public long secret() {
    return secrets.nextLong();
  }
}
