package org.flywheelmta.scheduler;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * The timed events of one scheduler: a hierarchical timing wheel (Varghese and Lauck, 1987) of
 * seven levels of 64 slots. A tick is 2^20 ns (1.05 ms), so the levels reach 67 ms, 4.3 s, 4.6 min,
 * 4.9 h, 13 days, 2.3 years and 146 years.
 *
 * <p>Each slot is a ring of events; a word per level says which slots hold any, so that the next
 * due tick is found without a scan. An event that is far away sits in a coarse slot and moves down
 * when that slot's time begins, at most once per level. Due times are rounded up to a tick: never
 * early, at most one tick late by this wheel. One timer of the loop underneath is armed for the
 * next slot.
 */
@NonThreadSafe
final class TimerWheel {
  static final int NOT_ARMED = -1;

  /** How many events one pass fires at most, so that timed events never starve I/O. */
  static final int EVENTS_PER_PASS = 1024;

  private static final int TICK_SHIFT = 20;
  private static final int LEVEL_BITS = 6;
  private static final int SLOTS = 1 << LEVEL_BITS;
  private static final int LEVELS = 7;
  private static final long REACH_TICKS = 1L << (LEVEL_BITS * LEVELS);
  private static final long NEVER = Long.MAX_VALUE;

  private final Scheduler scheduler;
  private final long startNanos;
  private final TimedEvent[] slots = new TimedEvent[LEVELS * SLOTS];
  private final long[] occupied = new long[LEVELS];
  // Every event due at or before this tick has fired or is in the ring of due events.
  private long currentTick;
  private int size;
  // The loop keeps what a timer throws in a future that nobody reads, so the scheduler catches it.
  private final Runnable guardedAlarm;
  private @Nullable ScheduledFuture<?> alarm;
  private long alarmTick = NEVER;

  TimerWheel(Scheduler scheduler) {
    this.scheduler = scheduler;
    this.startNanos = scheduler.nanoTime();
    this.guardedAlarm = () -> scheduler.run(this::onAlarm);
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Head();
    }
  }

  int size() {
    return size;
  }

  void arm(TimedEvent event, long delayNanos) {
    Check.that(delayNanos >= 0, "a timed event with a negative delay");
    disarm(event);
    long dueNanos = scheduler.nanoTime() - startNanos + delayNanos;
    // What overflows or lies beyond the wheel waits until the end of the wheel's reach.
    long furthestTick = currentTick | (REACH_TICKS - 1);
    long upNanos = dueNanos + (1L << TICK_SHIFT) - 1;
    long dueTick = upNanos < 0 ? furthestTick : upNanos >>> TICK_SHIFT;
    event.dueTick = Math.clamp(dueTick, currentTick + 1, furthestTick);
    insert(event);
    size++;
    if (event.dueTick < alarmTick) {
      setAlarm();
    }
  }

  boolean disarm(TimedEvent event) {
    if (!event.armed()) {
      return false;
    }
    unlink(event);
    size--;
    return true;
  }

  /** Puts the event into the finest level whose current turn reaches its tick. */
  private void insert(TimedEvent event) {
    long differing = event.dueTick ^ currentTick;
    int level = differing == 0 ? 0 : (63 - Long.numberOfLeadingZeros(differing)) / LEVEL_BITS;
    Check.that(level < LEVELS, "a timed event beyond the wheel's reach");
    int position = (int) (event.dueTick >>> (level * LEVEL_BITS)) & (SLOTS - 1);
    link(event, level * SLOTS + position);
  }

  private void link(TimedEvent event, int slot) {
    var head = slots[slot];
    var last = head.previous;
    event.previous = last;
    event.next = head;
    neighbour(last).next = event;
    head.previous = event;
    event.slot = slot;
    occupied[slot / SLOTS] |= 1L << (slot % SLOTS);
  }

  private void unlink(TimedEvent event) {
    var before = neighbour(event.previous);
    var after = neighbour(event.next);
    before.next = after;
    after.previous = before;
    if (before == after && before instanceof Head) {
      occupied[event.slot / SLOTS] &= ~(1L << (event.slot % SLOTS));
    }
    event.previous = null;
    event.next = null;
    event.slot = NOT_ARMED;
  }

  private static TimedEvent neighbour(@Nullable TimedEvent event) {
    if (event == null) {
      throw new IllegalStateException("a ring of timed events is broken");
    }
    return event;
  }

  /** The first tick at which there is anything to do: fire events, or move a coarse slot down. */
  private long nextTick() {
    for (int level = 0; level < LEVELS; level++) {
      int position = (int) (currentTick >>> (level * LEVEL_BITS)) & (SLOTS - 1);
      // Slots at or before the current position of this turn are empty: their time has come.
      long ahead = position == SLOTS - 1 ? 0 : occupied[level] & (-1L << (position + 1));
      if (ahead != 0) {
        int shift = level * LEVEL_BITS;
        long turn = (currentTick >>> (shift + LEVEL_BITS)) << (shift + LEVEL_BITS);
        return turn | ((long) Long.numberOfTrailingZeros(ahead) << shift);
      }
    }
    return NEVER;
  }

  private void setAlarm() {
    long tick = nextTick();
    if (tick == alarmTick) {
      return;
    }
    cancelAlarm();
    alarmTick = tick;
    if (tick != NEVER) {
      long delay = Math.max(0, startNanos + (tick << TICK_SHIFT) - scheduler.nanoTime());
      alarm = scheduler.loop().schedule(guardedAlarm, delay, TimeUnit.NANOSECONDS);
    }
  }

  private void cancelAlarm() {
    if (alarm != null) {
      alarm.cancel(false);
      alarm = null;
    }
  }

  private void onAlarm() {
    alarm = null;
    alarmTick = NEVER;
    long nowNanos = scheduler.nanoTime();
    long nowTick = (nowNanos - startNanos) >>> TICK_SHIFT;
    int budget = EVENTS_PER_PASS;
    while (budget > 0) {
      int position = (int) currentTick & (SLOTS - 1);
      var head = slots[position];
      if (neighbour(head.next) != head) {
        budget = fireSlot(head, nowNanos, budget);
        continue;
      }
      long tick = nextTick();
      if (tick > nowTick) {
        break;
      }
      advanceTo(tick);
    }
    rearm();
  }

  /** Fires what the slot of the current tick holds; returns what is left of the budget. */
  private int fireSlot(TimedEvent head, long nowNanos, int budget) {
    int left = budget;
    while (left > 0) {
      var event = neighbour(head.next);
      if (event == head) {
        break;
      }
      unlink(event);
      size--;
      left--;
      scheduler.fire(event, nowNanos);
    }
    return left;
  }

  /** Begins the turn of {@code tick}: the coarse slots that begin with it move down. */
  private void advanceTo(long tick) {
    currentTick = tick;
    for (int level = LEVELS - 1; level > 0; level--) {
      int position = (int) (tick >>> (level * LEVEL_BITS)) & (SLOTS - 1);
      if ((occupied[level] & (1L << position)) == 0) {
        continue;
      }
      var head = slots[level * SLOTS + position];
      while (true) {
        var event = neighbour(head.next);
        if (event == head) {
          break;
        }
        unlink(event);
        insert(event);
      }
    }
  }

  private void rearm() {
    int position = (int) currentTick & (SLOTS - 1);
    if ((occupied[0] & (1L << position)) != 0) {
      // The budget of this pass is used up; I/O gets its turn before the rest fires.
      cancelAlarm();
      alarmTick = currentTick;
      alarm = scheduler.loop().schedule(guardedAlarm, 0, TimeUnit.NANOSECONDS);
    } else {
      setAlarm();
    }
  }

  /** The anchor of a slot's ring. */
  private static final class Head extends TimedEvent {
    Head() {
      previous = this;
      next = this;
    }

    @Override
    protected void fire(long nowNanos) {
      throw new IllegalStateException("the anchor of a slot never fires");
    }
  }
}
