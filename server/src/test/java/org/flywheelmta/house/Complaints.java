package org.flywheelmta.house;

import java.util.List;

/** What the rules of the house have to say. */
final class Complaints {
  private Complaints() {}

  /** Fails with the complaints, one on each line, unless there are none. */
  static void none(List<String> complaints) {
    if (!complaints.isEmpty()) {
      throw new AssertionError(
          "the house has "
              + complaints.size()
              + " complaint(s):\n"
              + String.join("\n", complaints));
    }
  }
}
