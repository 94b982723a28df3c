package org.flywheelmta.event;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;

/**
 * Finds the events of a transaction or a recipient in the files of an event log, whether a server
 * writes to it or not. It takes no lock and writes nothing. The index of each file is asked first;
 * what that does not cover is read line by line, and each hit is held against its line.
 */
@SingleThreadSafe
public final class EventSearch {
  private final Disk disk;
  private final Path folder;
  private long linesRead;

  /**
   * @param folder of the event log; one that is missing holds no events
   */
  public EventSearch(Disk disk, Path folder) {
    this.disk = disk;
    this.folder = folder;
  }

  /** Calls for each event of a transaction's messages, in the order in which they were written. */
  public void ofTransaction(TransactionId id, Consumer<PastEvent> each) throws DiskFailure {
    search(new LineMatch.OfTransaction(id), each);
  }

  /**
   * Calls for each event that speaks of a recipient, in the order in which they were written; the
   * case of ASCII letters does not count.
   */
  public void ofRecipient(String address, Consumer<PastEvent> each) throws DiskFailure {
    search(new LineMatch.OfRecipient(address), each);
  }

  /** True when a search for one of two addresses finds the events of the other. */
  public static boolean sameRecipient(String one, String other) {
    return IndexKey.same(one, other);
  }

  /** How many events were read in full since this search was made. */
  public long linesRead() {
    return linesRead;
  }

  private void search(LineMatch wanted, Consumer<PastEvent> each) throws DiskFailure {
    if (!disk.exists(folder)) {
      return;
    }
    var names = new TreeSet<EventFileName>();
    for (var file : disk.list(folder)) {
      var name = EventFileName.ofLines(file);
      if (name != null) {
        names.add(name);
      }
    }
    // A batch that failed half-way is written again to the next file, with the same ids of events.
    Set<String> before = new HashSet<>();
    for (var name : names) {
      var here = new HashSet<String>();
      try {
        for (var event : in(name, wanted)) {
          var id = event.text("id");
          here.add(id);
          if (!before.contains(id)) {
            each.accept(event);
          }
        }
      } catch (DiskFailure failure) {
        if (failure.kind() != DiskFailure.Kind.MISSING) {
          throw failure;
        }
        // Its time was over meanwhile.
      }
      before = here;
    }
  }

  private List<PastEvent> in(EventFileName name, LineMatch wanted) throws DiskFailure {
    var found = new ArrayList<PastEvent>();
    try (var file = disk.openRead(name.lines(folder))) {
      var lines = new LineReader(file);
      var places = new TreeSet<Long>();
      long covered = places(name, wanted.hash(), places);
      if (covered > 0) {
        for (long at : places) {
          var event = at < covered ? lines.at(at) : null;
          linesRead++;
          if (event != null && wanted.matches(event)) {
            found.add(event);
          }
        }
      }
      lines.forEach(
          covered,
          (at, event) -> {
            linesRead++;
            if (wanted.matches(event)) {
              found.add(event);
            }
          });
    }
    return found;
  }

  /** Where the index says that such lines are; returns how many octets it has answered for. */
  private long places(EventFileName name, int hash, Set<Long> places) throws DiskFailure {
    try (var index = EventIndex.open(disk, name.index(folder))) {
      return index == null ? 0 : index.find(hash, entry -> places.add(EventIndex.place(entry)));
    } catch (DiskFailure failure) {
      // Gone since it was looked for, or unreadable: the lines say the same.
      return 0;
    }
  }
}
