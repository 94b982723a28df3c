package org.flywheelmta.event;

import java.nio.file.Path;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/** Begins the files of the event log or the audit, one after another, with names in order. */
@SingleThreadSafe
final class EventFiles {
  /** How many files may begin in one second. */
  static final int FILES_PER_SECOND = 10_000;

  private final Disk disk;
  private final Clock clock;
  private final Path folder;
  private final String prefix;

  // Set before the file is made, so that whoever has listed the folder and reads this then knows
  // which of the listed files is still written to.
  private volatile @Nullable EventFileName current;
  private long secondOfName;
  private int numberOfName;

  EventFiles(Disk disk, Clock clock, Path folder) {
    this(disk, clock, folder, EventFileName.EVENTS);
  }

  EventFiles(Disk disk, Clock clock, Path folder, String prefix) {
    this.disk = disk;
    this.clock = clock;
    this.folder = folder;
    this.prefix = prefix;
  }

  /** Begins the next file, its name made durable. */
  DiskFile next() throws DiskFailure {
    long second = clock.wallMicros() / 1_000_000;
    if (second > secondOfName) {
      secondOfName = second;
      numberOfName = 0;
    }
    // A clock that stepped back keeps the second of the file before, so that names stay in order.
    var name = EventFileName.of(prefix, secondOfName, numberOfName);
    while (disk.exists(name.lines(folder))) {
      if (++numberOfName == FILES_PER_SECOND) {
        throw new DiskFailure(
            DiskFailure.Kind.EXISTS, name.lines(folder), "the names are used up", null);
      }
      name = EventFileName.of(prefix, secondOfName, numberOfName);
    }
    current = name;
    var file = disk.create(name.lines(folder));
    try {
      disk.forceFolder(folder);
    } catch (DiskFailure failure) {
      file.close();
      discard();
      throw failure;
    }
    return file;
  }

  /** The name of the file that was begun last; null before the first. Any thread may ask. */
  @Nullable EventFileName current() {
    return current;
  }

  /** Where the index of the file that was begun last belongs. */
  Path currentIndex() {
    var name = current;
    return name == null ? folder : name.index(folder);
  }

  /** The file that was begun last. */
  Path currentLines() {
    var name = current;
    return name == null ? folder : name.lines(folder);
  }

  /** Takes the current file away again; one that stays does no harm. */
  void discard() {
    try {
      disk.delete(currentLines());
    } catch (DiskFailure failure) {
      // The failure that led here has been told, and an empty file only takes a name.
      numberOfName++;
    }
  }
}
