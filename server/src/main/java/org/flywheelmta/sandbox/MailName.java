package org.flywheelmta.sandbox;

import java.nio.file.Path;
import java.util.OptionalLong;
import org.flywheelmta.base.TransactionId;

/**
 * The names of the sandbox's files, in the way of Maildir: seconds, then microseconds and the
 * transaction's id, then who wrote it, and how many bytes there are. They sort by time, {@code
 * 1795425678.M615682R361VGXB1VDFT1PQ5FQBFAQ0497.flywheel,S=340}. A reader may put its flags behind
 * it, after a colon.
 */
final class MailName {
  private static final String OURS = ".flywheel";
  private static final String SIZE = OURS + ",S=";
  private static final int MICROS = 1_000_000;
  private static final int MICRO_DIGITS = 6;
  private static final int MOST_SIZE_DIGITS = 18;

  private MailName() {}

  /** The name of a file that is being written. */
  static String unfinished(TransactionId id) {
    long micros = id.wallMicros();
    var fraction = String.valueOf(micros % MICROS);
    return micros / MICROS
        + ".M"
        + "0".repeat(MICRO_DIGITS - fraction.length())
        + fraction
        + "R"
        + id
        + OURS;
  }

  /** The name of a mail of so many bytes. */
  static String of(TransactionId id, long bytes) {
    return unfinished(id) + ",S=" + bytes;
  }

  /** True of a file that the sandbox was writing. */
  static boolean isUnfinished(Path file) {
    return text(file).endsWith(OURS);
  }

  /** How many bytes the mail of that name has; empty for a file that the sandbox did not write. */
  static OptionalLong bytes(Path file) {
    var name = text(file);
    int from = name.indexOf(SIZE);
    if (from < 0) {
      return OptionalLong.empty();
    }
    from += SIZE.length();
    int end = from;
    long bytes = 0;
    while (end < name.length() && name.charAt(end) >= '0' && name.charAt(end) <= '9') {
      bytes = bytes * 10 + name.charAt(end) - '0';
      end++;
    }
    boolean whole = end == name.length() || name.charAt(end) == ':';
    return whole && end > from && end - from <= MOST_SIZE_DIGITS
        ? OptionalLong.of(bytes)
        : OptionalLong.empty();
  }

  /** The last part of a path. */
  static String text(Path file) {
    var name = file.getFileName();
    return name == null ? "" : name.toString();
  }
}
