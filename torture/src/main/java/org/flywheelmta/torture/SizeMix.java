package org.flywheelmta.torture;

import java.util.random.RandomGenerator;

/** How large the bodies are, in bytes. */
@FunctionalInterface
public interface SizeMix {
  /** One size. */
  int draw(RandomGenerator random);

  /** Always the same. */
  static SizeMix fixed(int bytes) {
    return random -> bytes;
  }

  /**
   * Mostly ordinary mail, sometimes none at all, and one in a hundred so large that a server is
   * likely to store it in pieces.
   */
  static SizeMix mixed() {
    return random -> {
      int percent = random.nextInt(100);
      if (percent < 2) {
        return random.nextInt(3);
      } else if (percent < 60) {
        return random.nextInt(200, 4_000);
      } else if (percent < 90) {
        return random.nextInt(4_000, 20_000);
      } else if (percent < 99) {
        return random.nextInt(20_000, 100_000);
      }
      return random.nextInt(120_000, 400_000);
    };
  }
}
