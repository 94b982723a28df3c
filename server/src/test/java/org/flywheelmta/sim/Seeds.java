package org.flywheelmta.sim;

import java.util.stream.LongStream;

/** The seeds of a seeded test, and how one of them is run again. */
public final class Seeds {
  /** Runs a seeded test with this one seed alone. */
  public static final String SEED_PROPERTY = "flywheel.seed";

  /** Runs a seeded test with so many seeds. */
  public static final String COUNT_PROPERTY = "flywheel.seeds";

  private Seeds() {}

  /**
   * The seeds 1 to {@code count}, unless the properties {@value #SEED_PROPERTY} or {@value
   * #COUNT_PROPERTY} say otherwise.
   */
  public static LongStream upTo(int count) {
    var one = Long.getLong(SEED_PROPERTY);
    if (one != null) {
      return LongStream.of(one);
    }
    return LongStream.rangeClosed(1, Integer.getInteger(COUNT_PROPERTY, count));
  }

  /** What a person types to see a seed's run again. */
  public static String replayCommand(Class<?> test, long seed) {
    var name = test.getSimpleName();
    return "./flywheel test -Dtest=" + name + " --seed " + seed;
  }
}
