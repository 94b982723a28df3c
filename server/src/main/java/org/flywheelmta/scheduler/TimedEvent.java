package org.flywheelmta.scheduler;

import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * A callback at a time, armed with {@link Scheduler#arm}. It belongs to the scheduler on which it
 * is armed, fires once per arming and may be armed again, from its own callback too.
 *
 * <p>It is a node of the scheduler's timing wheel itself, so that arming allocates nothing; whoever
 * owns many waiting things extends it, and is then its own closure.
 */
@NonThreadSafe
public abstract class TimedEvent {
  @Nullable TimedEvent previous;
  @Nullable TimedEvent next;
  // The slot of the wheel that holds it; negative when it is not armed.
  int slot = TimerWheel.NOT_ARMED;
  // When it fires, in ticks of its wheel.
  long dueTick;

  /** Called on the scheduler, never before its time. */
  protected abstract void fire(long nowNanos);

  /** True from {@link Scheduler#arm} until it fires or is disarmed. */
  public final boolean armed() {
    return slot != TimerWheel.NOT_ARMED;
  }

  /** An event for a callback that needs no closure of its own. */
  public static TimedEvent of(Handler handler) {
    return new TimedEvent() {
      @Override
      protected void fire(long nowNanos) {
        handler.onTime(nowNanos);
      }
    };
  }

  /** What an event does. */
  @FunctionalInterface
  public interface Handler {
    /**
     * @param nowNanos the scheduler's monotonic clock at the start of the pass
     */
    void onTime(long nowNanos);
  }
}
