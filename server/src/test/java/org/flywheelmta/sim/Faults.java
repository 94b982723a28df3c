package org.flywheelmta.sim;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.flywheelmta.base.NonThreadSafe;

/**
 * How often each kind of trouble happened in a world: counted where it fires, whatever was planned.
 */
@NonThreadSafe
public final class Faults {
  private final Map<Fault, Integer> fired = new EnumMap<>(Fault.class);
  private final Map<Fault, Integer> due = new EnumMap<>(Fault.class);

  /** It happened now. */
  void fire(Fault fault) {
    fired.merge(fault, 1, Integer::sum);
  }

  /** A run in which it happens less often proves nothing. */
  void expect(Fault fault, int least) {
    due.put(fault, least);
  }

  /** How often it happened so far. */
  public int fired(Fault fault) {
    return fired.getOrDefault(fault, 0);
  }

  /** The kinds that were due and did not happen, or not often enough; empty when all did. */
  public String missing() {
    return due.entrySet().stream()
        .filter(entry -> fired(entry.getKey()) < entry.getValue())
        .map(entry -> name(entry.getKey()) + " " + fired(entry.getKey()) + "/" + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String name(Fault fault) {
    return fault.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** All counts in one line. */
  @Override
  public String toString() {
    return fired.entrySet().stream()
        .map(entry -> name(entry.getKey()) + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }
}
