package org.flywheelmta.event;

import org.flywheelmta.base.SingleThreadSafe;

/**
 * The ids of events: the microsecond in which the server started, a hyphen, and a count from 1,
 * both of fixed width, so that the ids of a node sort as texts in the order of its log.
 */
@SingleThreadSafe
final class EventId {
  static final int LENGTH = 29;

  private static final int START_DIGITS = 16;
  private static final int COUNT_DIGITS = 12;

  private final char[] text = new char[LENGTH];
  private long count;

  EventId(long startMicros) {
    Digits.put(text, 0, START_DIGITS, startMicros);
    text[START_DIGITS] = '-';
  }

  /** The next id, {@link #LENGTH} characters, overwritten by the one after it. */
  char[] next() {
    count++;
    Digits.put(text, START_DIGITS + 1, COUNT_DIGITS, count);
    return text;
  }
}
