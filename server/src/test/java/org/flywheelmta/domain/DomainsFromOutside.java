package org.flywheelmta.domain;

import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Message.Stage;
import org.jspecify.annotations.Nullable;

/**
 * The domain floor as somebody sees it who looks between two steps, from outside every scheduler:
 * what must hold then, checked. It changes nothing.
 */
@NonThreadSafe
public final class DomainsFromOutside {
  /** A due message may lie so long: the clock's watch looks once a second. */
  private static final long OVERDUE_MICROS = 3_000_000;

  // The transaction that a session has under way, and the one that follows it, hold their content.
  private static final int HELD_BY_SESSION = 2;

  private final Domains domains;
  private long movesSeen = -1;
  private long handoverSeen = -1;

  public DomainsFromOutside(Domains domains) {
    this.domains = domains;
  }

  /** What must hold after each step and costs little: it looks at records, not at messages. */
  public void check(long wallMicros, boolean clockIsSteady) {
    for (var table : domains.tables()) {
      that(!table.bouncing.isForgotten(), "senders wait to be told, and nobody will tell them");
      for (var record : table.records()) {
        that(!record.isForgotten(), "a record with messages has nothing that will look at them");
        int most = record.policy().maxOutboundConnections();
        that(
            record.sessions() <= most,
            record.label + " has " + record.sessions() + " sessions, and may have " + most);
        that(
            !clockIsSteady || record.firstMicros() > wallMicros - OVERDUE_MICROS,
            "a message lies in " + record.label + " long after its time");
      }
    }
  }

  private static void that(boolean holds, String broken) {
    if (!holds) {
      throw new AssertionError(broken);
    }
  }

  /** True the first time, and when messages moved since the last call. */
  public boolean moved() {
    long moves = 0;
    for (var table : domains.tables()) {
      moves += table.totals.moves();
    }
    long handover = domains.inHandover();
    boolean moved = moves != movesSeen || handover != handoverSeen;
    movesSeen = moves;
    handoverSeen = handover;
    return moved;
  }

  /**
   * Visits every message: each is in one place, its stage and its references fit the place, and the
   * counts are right.
   *
   * @return the ids of all messages; null while some are on their way to a record
   */
  public @Nullable Set<MessageId> visit() {
    var ids = new HashSet<MessageId>();
    var holders = new IdentityHashMap<Content, int[]>();
    long sessions = 0;
    for (var table : domains.tables()) {
      var places = new long[Waiting.Place.COUNT];
      for (var record : table.records()) {
        record.forEach(waiting -> visit(waiting, places, ids, holders));
      }
      var totals = table.totals;
      that(
          places[Waiting.Place.ACTIVE.index] + places[Waiting.Place.PREPARED.index]
                  == totals.active()
              && places[Waiting.Place.DELAYED.index] == totals.delayed()
              && places[Waiting.Place.DELIVERING.index] == totals.delivering()
              && places[Waiting.Place.BOUNCING.index] == totals.bouncing(),
          "the totals are not those of the messages that there are");
      sessions += totals.sessions();
    }
    boolean allHere = domains.inHandover() == 0;
    for (var entry : holders.entrySet()) {
      int references = entry.getKey().refCnt();
      int held = entry.getValue()[0];
      that(
          references >= held && (!allHere || references <= held + HELD_BY_SESSION * sessions),
          "a content has " + references + " references and " + held + " messages hold it");
    }
    return allHere ? ids : null;
  }

  private static void visit(
      Waiting waiting, long[] places, Set<MessageId> ids, IdentityHashMap<Content, int[]> holders) {
    places[waiting.place.index]++;
    var id = new MessageId(waiting.id(), waiting.index);
    that(ids.add(id), "a message is in two places: " + id);
    var message = waiting.inMemory();
    if (message == null) {
      that(waiting.place != Waiting.Place.DELIVERING, "a message is being delivered unread: " + id);
      return;
    }
    that(message.id().equals(id), id + " was read back as " + message.id());
    that(waiting.place != Waiting.Place.DELAYED, "a message waits in memory for its time: " + id);
    that(
        message.stage()
            == (waiting.place == Waiting.Place.DELIVERING ? Stage.DELIVERING : Stage.QUEUED),
        "a message is " + waiting.place + " in stage " + message.stage());
    that(message.refCnt() == 1, "a message has " + message.refCnt() + " references in its record");
    var content = message.content();
    if (content != null) {
      holders.computeIfAbsent(content, c -> new int[1])[0]++;
    }
  }
}
