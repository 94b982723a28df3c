package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** What is to run on schedulers after a batch: one hop for each scheduler, not for each message. */
@SingleThreadSafe
final class Completions {
  private final Map<Scheduler, List<Runnable>> waiting = new LinkedHashMap<>();

  void add(Scheduler scheduler, Runnable completion) {
    waiting.computeIfAbsent(scheduler, s -> new ArrayList<>()).add(completion);
  }

  void post() {
    if (waiting.isEmpty()) {
      return;
    }
    waiting.forEach((scheduler, completions) -> scheduler.post(() -> runAll(completions)));
    waiting.clear();
  }

  /** One that throws, a bug, leaves the others their answer. */
  private static void runAll(List<Runnable> completions) {
    RuntimeException first = null;
    for (var completion : completions) {
      try {
        completion.run();
      } catch (RuntimeException fault) {
        first = first == null ? fault : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
