package org.flywheelmta.net;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.MemoryBudget.Level;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/**
 * Accepted connections that are not read while memory is short ({@link Level#PAUSING}). A
 * connection pauses when it would next read, and is kept by its scheduler, which resumes its paused
 * ones in turn. One that does not read what it is sent either would keep its unread input for as
 * long as it likes, so it is reset.
 */
@ConcurrentThreadSafe
public final class PausedReads {
  /** How many connections one pass of a scheduler resumes or resets. */
  private static final int MOST_PER_PASS = 100;

  private final MemoryBudget budget;
  private final Map<Scheduler, Group> groups = new ConcurrentHashMap<>();
  private final AtomicInteger paused = new AtomicInteger();

  /** Pauses reads by the levels of {@code budget}. */
  public PausedReads(MemoryBudget budget) {
    this.budget = budget;
    budget.listen(this::onLevel);
  }

  /** The budget whose levels count. */
  public MemoryBudget budget() {
    return budget;
  }

  /** How many connections are not read now: {@code flywheel_connections_paused}. */
  public int paused() {
    return paused.get();
  }

  private void onLevel(Level from, Level to) {
    // Whatever a connection did by the old level is done before its scheduler runs this task.
    if (from == Level.PAUSING || to == Level.PAUSING) {
      groups.forEach((scheduler, group) -> scheduler.post(group.follow));
    }
  }

  Group group(Scheduler scheduler) {
    return groups.computeIfAbsent(scheduler, Group::new);
  }

  /** The connections of one scheduler. */
  @NonThreadSafe
  final class Group {
    private final Scheduler scheduler;
    private final Set<AcceptConstruct> waiting = new LinkedHashSet<>();
    private final Set<AcceptConstruct> unheard = new LinkedHashSet<>();
    private final Runnable follow = this::follow;

    private Group(Scheduler scheduler) {
      this.scheduler = scheduler;
    }

    boolean mayRead(AcceptConstruct construct) {
      if (budget.level() != Level.PAUSING) {
        return true;
      }
      if (waiting.add(construct)) {
        paused.incrementAndGet();
        budget.counters().pauses.increment();
      }
      return false;
    }

    void onWritability(AcceptConstruct construct, boolean writable) {
      if (writable) {
        unheard.remove(construct);
      } else if (unheard.add(construct) && budget.level() == Level.PAUSING) {
        // Later, since the session is in the middle of what it says.
        scheduler.post(follow);
      }
    }

    void forget(AcceptConstruct construct) {
      unheard.remove(construct);
      if (waiting.remove(construct)) {
        paused.decrementAndGet();
      }
    }

    private void follow() {
      boolean more = budget.level() == Level.PAUSING ? resetUnheard() : resumeWaiting();
      if (more) {
        scheduler.post(follow);
      }
    }

    private boolean resetUnheard() {
      for (var construct : first(unheard)) {
        unheard.remove(construct);
        if (!construct.closed()) {
          budget.counters().resets.increment();
          construct.abort();
        }
      }
      return !unheard.isEmpty();
    }

    private boolean resumeWaiting() {
      for (var construct : first(waiting)) {
        if (waiting.remove(construct)) {
          paused.decrementAndGet();
          construct.readOn();
        }
      }
      return !waiting.isEmpty();
    }

    private static List<AcceptConstruct> first(Set<AcceptConstruct> constructs) {
      return constructs.stream().limit(MOST_PER_PASS).toList();
    }
  }
}
