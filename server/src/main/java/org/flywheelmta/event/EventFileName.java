package org.flywheelmta.event;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * The name of an event file, {@code events-YYYYMMDDTHHMMSS-N.jsonl}, and of the index beside it,
 * {@code events-YYYYMMDDTHHMMSS-N.index}; or of an audit file, {@code
 * audit-YYYYMMDDTHHMMSS-N.jsonl}. Names of one kind sort in the order in which the files were
 * begun.
 *
 * @param prefix {@link #EVENTS} or {@link #AUDIT}
 * @param stamp the second in UTC in which it was begun
 * @param number from 0 within that second
 */
@ReadOnlyThreadSafe
record EventFileName(String prefix, String stamp, int number) implements Comparable<EventFileName> {
  static final String EVENTS = "events-";
  static final String AUDIT = "audit-";

  private static final String LINES = ".jsonl";
  private static final String INDEX = ".index";
  private static final int STAMP_LENGTH = "YYYYMMDDTHHMMSS".length();
  private static final int MOST_DIGITS = 9;
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss");
  private static final Comparator<EventFileName> BY_BEGINNING =
      Comparator.comparing(EventFileName::stamp).thenComparingInt(EventFileName::number);

  static EventFileName of(String prefix, long second, int number) {
    return new EventFileName(
        prefix, STAMP.format(LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC)), number);
  }

  /** The name of a file of events; null where it is none. */
  static @Nullable EventFileName ofLines(Path file) {
    return parse(file, EVENTS, LINES);
  }

  /** The name of an audit file; null where it is none. */
  static @Nullable EventFileName ofAudit(Path file) {
    return parse(file, AUDIT, LINES);
  }

  /** The name of the events that an index belongs to; null where it is no index. */
  static @Nullable EventFileName ofIndex(Path file) {
    return parse(file, EVENTS, INDEX);
  }

  private static @Nullable EventFileName parse(Path file, String prefix, String suffix) {
    var path = file.getFileName();
    var name = path == null ? "" : path.toString();
    int stampEnd = prefix.length() + STAMP_LENGTH;
    int end = name.length() - suffix.length();
    if (!name.startsWith(prefix)
        || !name.endsWith(suffix)
        || end <= stampEnd + 1
        || end > stampEnd + 1 + MOST_DIGITS
        || name.charAt(stampEnd) != '-'
        || !isStamp(name, prefix)) {
      return null;
    }
    int number = 0;
    for (int i = stampEnd + 1; i < end; i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return null;
      }
      number = 10 * number + digit;
    }
    return new EventFileName(prefix, name.substring(prefix.length(), stampEnd), number);
  }

  private static boolean isStamp(String name, String prefix) {
    for (int i = 0; i < STAMP_LENGTH; i++) {
      char character = name.charAt(prefix.length() + i);
      if (i == 8 ? character != 'T' : character < '0' || character > '9') {
        return false;
      }
    }
    return true;
  }

  /** The second in which it was begun, since 1970; the earliest one where the stamp is no time. */
  long second() {
    try {
      return LocalDateTime.parse(stamp, STAMP).toEpochSecond(ZoneOffset.UTC);
    } catch (DateTimeException none) {
      return Long.MIN_VALUE;
    }
  }

  Path lines(Path folder) {
    return folder.resolve(prefix + stamp + "-" + number + LINES);
  }

  Path index(Path folder) {
    return folder.resolve(prefix + stamp + "-" + number + INDEX);
  }

  @Override
  public int compareTo(EventFileName other) {
    return BY_BEGINNING.compare(this, other);
  }
}
