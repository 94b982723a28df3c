package org.flywheelmta.event;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/** Reads the lines of an event file. A last line without its line feed is left out. */
@SingleThreadSafe
final class LineReader {
  /** Longer lines are passed over: no event is that long. */
  static final int LONGEST_LINE_BYTES = 16 << 20;

  private static final int WINDOW_BYTES = 1 << 20;
  private static final int FIRST_BYTES = 2 << 10;

  private final DiskFile file;
  private byte[] window = new byte[0];

  LineReader(DiskFile file) {
    this.file = file;
  }

  /** Takes the lines, one after another. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param at octet at which the line begins in its file
     */
    void onLine(long at, PastEvent event);
  }

  /** The event whose line begins at {@code at}; null where there is no whole line of an event. */
  @Nullable PastEvent at(long at) throws DiskFailure {
    if (at > 0 && !endsLine(at - 1)) {
      return null;
    }
    for (int size = FIRST_BYTES; size <= LONGEST_LINE_BYTES; size *= 2) {
      int read = fill(at, 0, size);
      int end = lineFeed(0, read);
      if (end >= 0) {
        return PastEvent.parse(window, 0, end);
      }
      if (read < size) {
        return null;
      }
    }
    return null;
  }

  private boolean endsLine(long at) throws DiskFailure {
    return fill(at, 0, 1) == 1 && window[0] == '\n';
  }

  /**
   * Reads all lines that begin at {@code from} or behind it.
   *
   * @return the octet behind the last whole line
   */
  long forEach(long from, Visitor visitor) throws DiskFailure {
    long base = from;
    int kept = 0;
    while (true) {
      int end = kept + fill(base + kept, kept, Math.max(WINDOW_BYTES, kept));
      if (end == kept) {
        return base;
      }
      int begin = 0;
      for (int feed = lineFeed(begin, end); feed >= 0; feed = lineFeed(begin, end)) {
        var event = PastEvent.parse(window, begin, feed - begin);
        if (event != null) {
          visitor.onLine(base + begin, event);
        }
        begin = feed + 1;
      }
      kept = end - begin;
      if (kept > LONGEST_LINE_BYTES) {
        // No event; what it is ends at the next line feed, and is no event either.
        begin = end;
        kept = 0;
      }
      System.arraycopy(window, begin, window, 0, kept);
      base += begin;
    }
  }

  /** Reads into the window at {@code into}; returns how many octets. */
  private int fill(long at, int into, int count) throws DiskFailure {
    if (window.length < into + count) {
      window = Arrays.copyOf(window, into + count);
    }
    return file.read(ByteBuffer.wrap(window, into, count), at);
  }

  private int lineFeed(int from, int to) {
    for (int i = from; i < to; i++) {
      if (window[i] == '\n') {
        return i;
      }
    }
    return -1;
  }
}
