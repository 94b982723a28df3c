package org.flywheelmta.spool;

/** The spool as somebody sees it who looks between two steps, from outside its threads. */
public final class SpoolFromOutside {
  private SpoolFromOutside() {}

  /** How many segments hold anything. */
  public static int segmentsInUse(Spool spool) {
    return ((LogSpool) spool).segmentsInUse();
  }
}
