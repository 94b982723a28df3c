package org.flywheelmta.event;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;

/**
 * The files of the event log: {@code events-YYYYMMDDTHHMMSS-N.jsonl}, named by the second in UTC in
 * which they were begun and a number from 0, in the order in which they were begun.
 */
@SingleThreadSafe
final class EventFiles {
  /** How many files may begin in one second. */
  static final int FILES_PER_SECOND = 10_000;

  private static final String PREFIX = "events-";
  private static final String SUFFIX = ".jsonl";
  private static final int STAMP_END = PREFIX.length() + "YYYYMMDDTHHMMSS".length();
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss");

  private static final Comparator<Path> BY_BEGINNING =
      Comparator.<Path, String>comparing(file -> name(file).substring(0, STAMP_END))
          .thenComparingInt(file -> name(file).length())
          .thenComparing(EventFiles::name);

  private final Disk disk;
  private final Clock clock;
  private final OperatorLog operator;
  private final Path folder;
  private final int kept;

  private Path current;
  private long secondOfName;
  private int numberOfName;

  EventFiles(Disk disk, Clock clock, OperatorLog operator, Path folder, int kept) {
    this.disk = disk;
    this.clock = clock;
    this.operator = operator;
    this.folder = folder;
    this.kept = kept;
    this.current = folder;
  }

  /** Begins the next file, its name made durable, and takes away what is older than is kept. */
  DiskFile next() throws DiskFailure {
    long second = clock.wallMicros() / 1_000_000;
    if (second > secondOfName) {
      secondOfName = second;
      numberOfName = 0;
    }
    // A clock that stepped back keeps the second of the file before, so that names stay in order.
    while (disk.exists(path())) {
      if (++numberOfName == FILES_PER_SECOND) {
        throw new DiskFailure(DiskFailure.Kind.EXISTS, path(), "the names are used up", null);
      }
    }
    current = path();
    var file = disk.create(current);
    try {
      disk.forceFolder(folder);
    } catch (DiskFailure failure) {
      file.close();
      discard();
      throw failure;
    }
    takeAwayOldest();
    return file;
  }

  private Path path() {
    var time = LocalDateTime.ofEpochSecond(secondOfName, 0, ZoneOffset.UTC);
    return folder.resolve(PREFIX + STAMP.format(time) + "-" + numberOfName + SUFFIX);
  }

  /** The file that was begun last. */
  Path current() {
    return current;
  }

  /** Takes the current file away again; one that stays does no harm. */
  void discard() {
    try {
      disk.delete(current);
    } catch (DiskFailure failure) {
      // The failure that led here has been told, and an empty file only takes a name.
      numberOfName++;
    }
  }

  private void takeAwayOldest() {
    if (kept == 0) {
      return;
    }
    try {
      var files = new ArrayList<Path>();
      for (var file : disk.list(folder)) {
        if (isOurs(name(file)) && !name(file).equals(name(current))) {
          files.add(file);
        }
      }
      files.sort(BY_BEGINNING);
      for (int i = 0; i < files.size() - (kept - 1); i++) {
        disk.delete(files.get(i));
      }
    } catch (DiskFailure failure) {
      operator.warning("old event files could not be taken away: " + failure.getMessage());
    }
  }

  private static boolean isOurs(String name) {
    return name.startsWith(PREFIX)
        && name.endsWith(SUFFIX)
        && name.length() > STAMP_END + SUFFIX.length()
        && name.charAt(STAMP_END) == '-';
  }

  private static String name(Path file) {
    var name = file.getFileName();
    return name == null ? "" : name.toString();
  }
}
