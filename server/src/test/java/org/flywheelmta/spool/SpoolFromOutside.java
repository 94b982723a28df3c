package org.flywheelmta.spool;

/** The spool as somebody sees it who looks between two steps, from outside its threads. */
public final class SpoolFromOutside {
  private SpoolFromOutside() {}

  /** How many segments hold anything, of the volume that has most. */
  public static int segmentsInUse(Spool spool) {
    return switch (spool) {
      case LogSpool log -> log.segmentsInUse();
      case SpoolVolumes volumes ->
          volumes.spools().stream().mapToInt(LogSpool::segmentsInUse).max().orElseThrow();
      default -> throw new AssertionError("a spool of another kind");
    };
  }
}
