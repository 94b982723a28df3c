package org.flywheelmta.torture;

/** The most memory that a server was seen to hold. For one thread. */
final class MemoryPeak {
  private long last = Vitals.UNKNOWN;
  private long peak = Vitals.UNKNOWN;

  /** The system's own peak counts too, since it misses nothing between two looks. */
  void sample(Vitals vitals) {
    if (vitals.residentBytes() > 0) {
      last = vitals.residentBytes();
      peak = Math.max(peak, Math.max(last, vitals.peakBytes()));
    }
  }

  long lastBytes() {
    return last;
  }

  long peakBytes() {
    return peak;
  }

  /**
   * @param budgetBytes 0 for no budget; what is not known is not above it
   */
  boolean isAbove(long budgetBytes) {
    return budgetBytes > 0 && peak > budgetBytes;
  }

  String line(long budgetBytes) {
    if (peak == Vitals.UNKNOWN) {
      return "server memory: unknown, because this system has no /proc; no budget was checked";
    }
    return "server memory: peak %s%s"
        .formatted(
            Vitals.megabytes(peak),
            budgetBytes == 0 ? "" : " of a budget of " + Vitals.megabytes(budgetBytes));
  }
}
