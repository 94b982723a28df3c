package org.flywheelmta.event;

import java.util.LinkedHashMap;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.scheduler.Duty;

/**
 * The texts printed in the last ten seconds. One that comes again is counted; when its ten seconds
 * are over the count is printed, and as long as the text keeps coming the next ten begin.
 */
@SingleThreadSafe
final class Repetitions {
  static final long WINDOW_NANOS = 10_000_000_000L;

  /** How many texts are remembered; the oldest is forgotten first. */
  static final int TEXTS = 128;

  private record Key(OperatorLog.Level level, String text) {}

  private static final class Window {
    final long beganNanos;
    int repeated;

    Window(long beganNanos) {
      this.beganNanos = beganNanos;
    }
  }

  // In the order in which their windows began.
  private final LinkedHashMap<Key, Window> windows = new LinkedHashMap<>();

  /** Prints the line, or counts it when it repeats another. */
  void add(OperatorLine line, long nowNanos, StringBuilder out) {
    expire(line.wallMicros(), nowNanos, out);
    var key = new Key(line.level(), line.text());
    var window = windows.get(key);
    if (window != null) {
      window.repeated++;
      return;
    }
    line.print(out);
    if (windows.size() == TEXTS) {
      endEldest(line.wallMicros(), out);
    }
    windows.put(key, new Window(nowNanos));
  }

  /** Ends the windows whose time is over. */
  void expire(long wallMicros, long nowNanos, StringBuilder out) {
    while (!windows.isEmpty()) {
      var eldest = windows.firstEntry();
      if (nowNanos - eldest.getValue().beganNanos < WINDOW_NANOS) {
        return;
      }
      boolean goesOn = eldest.getValue().repeated > 0;
      endEldest(wallMicros, out);
      if (goesOn) {
        windows.put(eldest.getKey(), new Window(nowNanos));
      }
    }
  }

  /** Ends all windows. */
  void finish(long wallMicros, StringBuilder out) {
    while (!windows.isEmpty()) {
      endEldest(wallMicros, out);
    }
  }

  /** Nanoseconds until a count is to be printed. */
  long untilExpiry(long nowNanos) {
    for (var window : windows.values()) {
      if (window.repeated > 0) {
        return Math.max(1, window.beganNanos + WINDOW_NANOS - nowNanos);
      }
    }
    return Duty.UNTIL_WOKEN;
  }

  private void endEldest(long wallMicros, StringBuilder out) {
    var eldest = windows.pollFirstEntry();
    int repeated = eldest.getValue().repeated;
    if (repeated > 0) {
      var times = repeated == 1 ? " (once more in 10 s)" : " (" + repeated + " more in 10 s)";
      var key = eldest.getKey();
      new OperatorLine(wallMicros, key.level(), key.text() + times).print(out);
    }
  }
}
