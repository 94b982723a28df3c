package org.flywheelmta.base;

import org.flywheelmta.base.MemoryBudget.Level;

/**
 * What was done because a budget of memory was short, each with the name of its metric. What is
 * taken and the level itself, {@code flywheel_memory_bytes{budget}} and {@code
 * flywheel_memory_level{budget}}, are read from the {@link MemoryBudget}.
 */
@ConcurrentThreadSafe
public final class MemoryCounters {
  /** Commands and contents that were refused: {@code flywheel_memory_refusals_total{budget}}. */
  public final Counter refusals = new Counter("flywheel_memory_refusals_total");

  /** Parts of contents that went to the spool before they were large enough for it. */
  public final Counter spills = new Counter("flywheel_memory_spills_total");

  /** Messages whose content left memory while they waited. */
  public final Counter swapsOut = new Counter("flywheel_memory_swaps_out_total");

  /** Connections that were not read for a while. */
  public final Counter pauses = new Counter("flywheel_memory_pauses_total");

  /** Connections that were reset, since their peers did not read while nothing was read here. */
  public final Counter resets = new Counter("flywheel_memory_resets_total");

  private final Counter[] entered = new Counter[Level.values().length];
  private final Counter[] left = new Counter[Level.values().length];

  MemoryCounters() {
    for (int i = 0; i < entered.length; i++) {
      entered[i] = new Counter("flywheel_memory_level_entered_total");
      left[i] = new Counter("flywheel_memory_level_left_total");
    }
  }

  /** A change passes all levels that lie between. */
  void onLevel(Level from, Level to) {
    for (int i = from.index + 1; i <= to.index; i++) {
      entered[i].increment();
    }
    for (int i = from.index; i > to.index; i--) {
      left[i].increment();
    }
  }

  /** How often a level above open was entered from below: label {@code level}. */
  public long entered(Level level) {
    return entered[level.index].value();
  }

  /** How often a level above open was left for one below it. */
  public long left(Level level) {
    return left[level.index].value();
  }
}
