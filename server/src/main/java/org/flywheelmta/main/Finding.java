package org.flywheelmta.main;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.event.EventSearch;
import org.flywheelmta.event.PastEvent;
import org.flywheelmta.spool.SpoolReader;
import org.jspecify.annotations.Nullable;

/**
 * A search for messages, in the spool first and then in the event log, so that none is missed that
 * ends meanwhile. It keeps the newest, as many as it was told.
 */
@NonThreadSafe
final class Finding {
  private final Disk disk;
  private final Path log;
  private final @Nullable SpoolReader spool;
  private final int limit;
  private final TreeMap<Place, FoundMessage> found = new TreeMap<>();
  private boolean more;

  /** Messages sort by the time that their ids hold, and what was rejected by its event's. */
  private record Place(long micros, String id, int recipient) implements Comparable<Place> {
    static Place of(MessageId id) {
      var transaction = id.transaction();
      return new Place(transaction.wallMicros(), transaction.toString(), id.recipient());
    }

    @Override
    public int compareTo(Place other) {
      int order = Long.compare(micros, other.micros);
      if (order == 0) {
        order = id.compareTo(other.id);
      }
      return order != 0 ? order : Integer.compare(recipient, other.recipient);
    }
  }

  /**
   * @param log folder of the event log
   * @param spool null where there is none
   * @param limit how many messages are kept at most
   */
  Finding(Disk disk, Path log, @Nullable SpoolReader spool, int limit) {
    this.disk = disk;
    this.log = log;
    this.spool = spool;
    this.limit = limit;
  }

  /** Looks for the messages of a recipient. */
  void recipient(String address) throws DiskFailure {
    if (spool != null) {
      spool.forEachWaiting(
          waiting -> {
            if (EventSearch.sameRecipient(waiting.recipient().toString(), address)) {
              add(waiting);
            }
          });
    }
    new EventSearch(disk, log).ofRecipient(address, this::add);
  }

  /** Looks for the messages of a transaction, or for one of them. */
  void transaction(TransactionId id, Optional<MessageId> only) throws DiskFailure {
    if (spool != null) {
      spool.forEachWaiting(
          waiting -> {
            if (waiting.id().transaction().equals(id) && wanted(waiting.id(), only)) {
              add(waiting);
            }
          });
    }
    new EventSearch(disk, log)
        .ofTransaction(
            id,
            event -> {
              var message = MessageId.parse(event.text("message"));
              if (only.isEmpty() || message.equals(only)) {
                add(event);
              }
            });
  }

  private static boolean wanted(MessageId id, Optional<MessageId> only) {
    return only.isEmpty() || only.get().equals(id);
  }

  private void add(SpoolReader.Waiting waiting) {
    var message = message(Place.of(waiting.id()), waiting.id().toString());
    if (message != null) {
      message.waits(waiting);
    }
  }

  private void add(PastEvent event) {
    var id = MessageId.parse(event.text("message"));
    var name = id.map(MessageId::toString).orElse(event.text("id"));
    var place = id.map(Place::of).orElseGet(() -> new Place(event.number("time"), name, 0));
    var message = message(place, name);
    if (message != null) {
      message.add(event);
    }
  }

  /** The message at that place; null where only newer ones are kept. */
  private @Nullable FoundMessage message(Place place, String id) {
    var message = found.get(place);
    if (message != null) {
      return message;
    }
    if (found.size() == limit) {
      more = true;
      if (place.compareTo(found.firstKey()) < 0) {
        return null;
      }
      found.pollFirstEntry();
    }
    message = new FoundMessage(id);
    found.put(place, message);
    return message;
  }

  /** The messages that were found, the newest last. */
  List<FoundMessage> messages() {
    return List.copyOf(found.values());
  }

  /** Whether older ones were left out. */
  boolean more() {
    return more;
  }
}
