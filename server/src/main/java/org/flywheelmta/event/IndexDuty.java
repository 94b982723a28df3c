package org.flywheelmta.event;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.flywheelmta.base.Clock;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.scheduler.Duty;

/**
 * Keeps the folder of the event log: takes away files whose time is over, and makes the sorted
 * index of each file that is finished, one in a pass. It runs at the start, when a file begins, and
 * within an hour while events come.
 */
@SingleThreadSafe
final class IndexDuty implements Duty {
  /** What cannot be indexed is tried again after so long. */
  static final long RETRY_NANOS = 3_600_000_000_000L;

  private static final String UNFINISHED = ".index.new";

  private final Disk disk;
  private final Clock clock;
  private final EventFiles files;
  private final OperatorLog operator;
  private final RingEventLog.Settings settings;
  private final IndexSort sort;
  private final NavigableSet<EventFileName> sorted = new TreeSet<>();
  private final NavigableSet<EventFileName> failed = new TreeSet<>();
  private long failedSinceNanos;
  private boolean failing;

  IndexDuty(
      Disk disk,
      Clock clock,
      EventFiles files,
      OperatorLog operator,
      RingEventLog.Settings settings) {
    this.disk = disk;
    this.clock = clock;
    this.files = files;
    this.operator = operator;
    this.settings = settings;
    this.sort = new IndexSort(disk, settings.folder());
  }

  @Override
  public long run(long nowNanos) {
    if (!failed.isEmpty() && nowNanos - failedSinceNanos >= RETRY_NANOS) {
      failed.clear();
    }
    try {
      var listed = new TreeSet<EventFileName>();
      var indexes = new TreeSet<EventFileName>();
      var unfinished = new ArrayList<Path>();
      for (var file : disk.list(settings.folder())) {
        var name = EventFileName.ofLines(file);
        var index = EventFileName.ofIndex(file);
        if (name != null) {
          listed.add(name);
        } else if (index != null) {
          indexes.add(index);
        } else if (file.toString().endsWith(UNFINISHED)) {
          unfinished.add(file);
        }
      }
      // Read after the list: each listed file but this one is finished, or newer and left alone.
      var current = files.current();
      var finished = current == null ? listed : listed.headSet(current, false);
      for (var file : unfinished) {
        disk.delete(file);
      }
      takeAway(finished, listed);
      indexes.removeAll(listed);
      for (var index : current == null ? indexes : indexes.headSet(current, false)) {
        disk.delete(index.index(settings.folder()));
      }
      sorted.retainAll(finished);
      failing = false;
      return sortNext(finished, nowNanos) ? 0 : UNTIL_WOKEN;
    } catch (DiskFailure failure) {
      if (!failing) {
        failing = true;
        operator.warning("old event files could not be taken away: " + failure.getMessage());
      }
      return UNTIL_WOKEN;
    }
  }

  /** Sorts the first file that is not; false when there is none. */
  private boolean sortNext(NavigableSet<EventFileName> finished, long nowNanos) {
    for (var name : finished) {
      if (sorted.contains(name) || failed.contains(name)) {
        continue;
      }
      try {
        boolean there = IndexSort.isSorted(disk, settings.folder(), name);
        if (!there) {
          sort.sort(name);
        }
        sorted.add(name);
        if (!there) {
          return true;
        }
      } catch (DiskFailure failure) {
        if (failed.isEmpty()) {
          failedSinceNanos = nowNanos;
          operator.warning(
              "an event file has no sorted index, searches take longer: " + failure.getMessage());
        }
        failed.add(name);
      }
    }
    return false;
  }

  /**
   * Takes away what was finished too long ago, and the oldest beyond the size of all.
   *
   * @param finished what may go; it is taken out of both sets
   */
  private void takeAway(NavigableSet<EventFileName> finished, NavigableSet<EventFileName> all)
      throws DiskFailure {
    for (var name : over(finished, all)) {
      // In this order: what a crash leaves is a file without its index, which gets one again.
      if (disk.exists(name.index(settings.folder()))) {
        disk.delete(name.index(settings.folder()));
      }
      disk.delete(name.lines(settings.folder()));
      finished.remove(name);
      all.remove(name);
    }
  }

  private List<EventFileName> over(
      NavigableSet<EventFileName> finished, NavigableSet<EventFileName> all) throws DiskFailure {
    var over = new ArrayList<EventFileName>();
    long excess = settings.totalBytes() == 0 ? 0 : bytes(all) - settings.totalBytes();
    long bound = clock.wallMicros() / 1_000_000 - settings.retentionSeconds();
    for (var name : finished) {
      var next = all.higher(name);
      boolean old = settings.retentionSeconds() > 0 && next != null && next.second() < bound;
      if (!old && excess <= 0) {
        break;
      }
      if (excess > 0) {
        excess -= size(name.lines(settings.folder())) + size(name.index(settings.folder()));
      }
      over.add(name);
    }
    return over;
  }

  private long bytes(NavigableSet<EventFileName> names) throws DiskFailure {
    long bytes = 0;
    for (var name : names) {
      bytes += size(name.lines(settings.folder())) + size(name.index(settings.folder()));
    }
    return bytes;
  }

  private long size(Path path) throws DiskFailure {
    if (!disk.exists(path)) {
      return 0;
    }
    try (var file = disk.openRead(path)) {
      return file.size();
    }
  }
}
