package org.flywheelmta.domain;

import org.flywheelmta.base.Check;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Envelope;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Stub;
import org.flywheelmta.message.Tag;
import org.jspecify.annotations.Nullable;

/**
 * A message in a domain record, in exactly one place, and a node of the active queue itself, so
 * that moving it allocates nothing. It holds the record's reference to the message while that is in
 * memory, and is a stub otherwise: then it counts for {@link Stub#ENTRY_BYTES} in the budget of
 * messages. What waits for its time is not kept as such an object, see {@link DelayedQueue}.
 */
@NonThreadSafe
final class Waiting extends Link {
  /** Where it is. */
  enum Place {
    /** Nowhere: being moved, or done. */
    NONE(0),
    /** In the active queue, or taken from it to be settled in steps. */
    ACTIVE(1),
    DELAYED(2),
    /** Taken by a session that cannot begin yet. */
    PREPARED(3),
    DELIVERING(4),
    /** Done or late, and its sender is being told; the outcome is not kept yet. */
    BOUNCING(5);

    /** How many places there are. */
    static final int COUNT = 6;

    /** Number of the place's count. */
    final int index;

    Place(int index) {
      this.index = index;
    }
  }

  static final int NO_INDEX = -1;

  /** The generation of one whose place among the records is to be decided again. */
  static final int NO_GENERATION = -1;

  final long idHigh;
  final long idLow;

  /** Of the recipient in its transaction. */
  final int index;

  /** Of the recipient; the text is shared. */
  final String domain;

  private @Nullable Message message;
  // Of a stub; a message in memory has its own count.
  private int attempts;
  Place place = Place.NONE;
  // The configuration generation under which its record was chosen.
  int generation = NO_GENERATION;
  // Which filling of the active queue it belongs to.
  int filling;
  // When it is given up, wall clock microseconds; strict when the message itself asked for it.
  // While it is in a heap that is its key, and stays.
  long expiryMicros;
  boolean strictExpiry;
  // It was given ahead once, and came back: it is not given ahead again.
  boolean givenBack;
  // Its envelope is being read.
  boolean reading;
  // Position in the heap of what is given up.
  int heapIndex = NO_INDEX;

  /**
   * A stub.
   *
   * @param expiryMicros when it expires, where it said so itself; otherwise 0
   */
  Waiting(long idHigh, long idLow, int index, String domain, int attempts, long expiryMicros) {
    this.idHigh = idHigh;
    this.idLow = idLow;
    this.index = index;
    this.domain = domain;
    this.attempts = attempts;
    this.expiryMicros = expiryMicros;
    this.strictExpiry = expiryMicros != 0;
  }

  /** A stub, which its maker has counted in the budget. */
  static Waiting of(Stub stub, String domain) {
    var id = stub.id();
    return new Waiting(
        id.high(), id.low(), stub.index(), domain, stub.attempts(), stub.expiryMicros());
  }

  /** A message in memory, with one reference to it. */
  static Waiting of(Message message, String domain) {
    var id = message.transaction().id();
    var waiting =
        new Waiting(id.high(), id.low(), message.index(), domain, 0, message.micros(Tag.EXPIRY));
    waiting.message = message;
    return waiting;
  }

  /** The same for another record, which gets all that this one holds. */
  Waiting departing() {
    var departing =
        new Waiting(idHigh, idLow, index, domain, attempts, strictExpiry ? expiryMicros : 0);
    departing.message = message;
    message = null;
    return departing;
  }

  /** Made anew at each call while it is a stub. */
  TransactionId id() {
    return message == null ? new TransactionId(idHigh, idLow) : message.transaction().id();
  }

  /** When its transaction began, wall clock microseconds. */
  long begunMicros() {
    return new TransactionId(idHigh, idLow).wallMicros();
  }

  boolean isSibling(Waiting other) {
    return idLow == other.idLow && idHigh == other.idHigh;
  }

  /** True while only the spool has its envelope. */
  boolean isStub() {
    return message == null;
  }

  /** The message in memory, without a reference for the caller; null for a stub. */
  @Nullable Message inMemory() {
    return message;
  }

  /** The message of one that is in memory. */
  Message message() {
    if (message == null) {
      throw Check.bug("a message is not in memory");
    }
    return message;
  }

  /** How many deliveries were attempted. */
  int attempts() {
    return message == null ? attempts : message.attempts();
  }

  /** Lets go of the message, which the spool keeps. */
  void becomeStub(MemoryBudget budget) {
    if (message != null) {
      attempts = message.attempts();
      message.release();
      message = null;
      budget.take(Stub.ENTRY_BYTES);
    }
  }

  /**
   * Makes the message of a stub.
   *
   * @param content null to leave it in the spool; the message takes a reference of its own
   */
  void becomeMessage(Envelope envelope, @Nullable Content content, MemoryBudget budget) {
    Check.that(message == null, "a message is read back twice");
    var read = envelope.message(index, content == null ? null : content.retain());
    read.schedule(attempts, 0);
    budget.release(Stub.ENTRY_BYTES);
    budget.take(read.entryBytes());
    read.charge(budget);
    message = read;
  }

  /** Gives back what it holds: it is done, or nobody looks at it any more. */
  void release(MemoryBudget budget) {
    if (message == null) {
      budget.release(Stub.ENTRY_BYTES);
    } else {
      message.release();
      message = null;
    }
  }

  void move(Place from, Place to, QueueTotals totals) {
    Check.that(place == from, "a waiting message is not where it should be");
    place = to;
    totals.moved(from, to);
  }
}
