package org.flywheelmta.main;

import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * Tells the operator how short memory is. The same change is always told in the same words, so that
 * the log collapses what repeats.
 */
@ReadOnlyThreadSafe
final class MemoryReport implements MemoryBudget.Listener {
  private final String name;
  private final OperatorLog log;
  private final boolean content;

  private MemoryReport(String name, OperatorLog log, boolean content) {
    this.name = name;
    this.log = log;
    this.content = content;
  }

  /** Reports on the budget of content. */
  static void ofContent(MemoryBudget budget, OperatorLog log) {
    budget.listen(new MemoryReport(budget.name(), log, true));
  }

  /** Reports on the budget of messages. */
  static void ofMessages(MemoryBudget budget, OperatorLog log) {
    budget.listen(new MemoryReport(budget.name(), log, false));
  }

  @Override
  public void onLevel(Level from, Level to) {
    if (to.compareTo(from) > 0) {
      if (content || from == Level.OPEN) {
        log.warning(name + " is taken to " + to.percent() + " %: " + effect(to));
      }
    } else if (to == Level.OPEN) {
      log.info(name + " has room again: new mail is taken");
    } else if (content) {
      log.info(
          name + " is below " + (from.percent() - MemoryBudget.HYSTERESIS_PERCENT) + " % again");
    }
  }

  private String effect(Level level) {
    if (!content) {
      return "new mail is refused until some has been delivered";
    }
    return switch (level) {
      case OPEN -> "new mail is taken";
      case REFUSING -> "new mail is refused";
      case SPILLING -> "new mail is refused and what waits leaves memory for the spool";
      case PAUSING -> "nothing is read from clients until some of it has been written";
    };
  }
}
