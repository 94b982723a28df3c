package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Fields;
import org.jspecify.annotations.Nullable;

/**
 * Which transactions are on disk, where, and what of each segment is still needed. Recovery builds
 * one from the old segments; the commit thread keeps one and takes the recovered one over.
 *
 * <p>A segment may go once no living transaction has content in it, and once every state in it of a
 * transaction whose record is still on disk in another segment has been restated further on. Living
 * or finished makes no difference to the second rule: a finished transaction whose record survives
 * its final outcome would come back to life at the next start, and be delivered twice. For the same
 * reason a segment into which records were moved stays until the one that they came from is gone.
 */
@SingleThreadSafe
final class Accounts {
  private Residences residences = new Residences();
  private final TreeMap<Long, Segment> segments = new TreeMap<>();
  private @Nullable Segment[] byNumber = new @Nullable Segment[16];
  // Segments of which less is needed than before, to be looked at once.
  private final Set<Segment> eased = new LinkedHashSet<>();
  private final ForeignHoldings foreign = new ForeignHoldings(this::ease);

  void add(Segment segment) {
    segments.put(segment.header.firstLsn(), segment);
    int number = segment.number();
    if (number >= byNumber.length) {
      byNumber = Arrays.copyOf(byNumber, Math.max(number + 1, 2 * byNumber.length));
    }
    byNumber[number] = segment;
  }

  /** The segment that holds the record with that LSN. */
  Segment segmentOf(long lsn) {
    var entry = segments.floorEntry(lsn);
    if (entry == null) {
      throw Check.bug("no segment holds an LSN that is in use");
    }
    return entry.getValue();
  }

  Segment segment(int number) {
    var segment = number < byNumber.length ? byNumber[number] : null;
    if (segment == null) {
      throw Check.bug("a transaction lives in a segment that is gone");
    }
    return segment;
  }

  /** All segments that hold anything, in the order of their LSNs; not to be changed. */
  Iterable<Segment> segments() {
    return segments.values();
  }

  int segmentsInUse() {
    return segments.size();
  }

  /**
   * Where each transaction is; changed through these accounts alone, and another one after {@link
   * #adopt}.
   */
  Residences residences() {
    return residences;
  }

  /** Outcomes of transactions on other volumes. */
  ForeignHoldings foreign() {
    return foreign;
  }

  int find(TransactionId id) {
    return residences.find(id);
  }

  /** Where a transaction's record stands. */
  Extent home(int handle) {
    return new Extent(
        homeSegment(handle), residences.position(handle), residences.payloadLength(handle));
  }

  Segment homeSegment(int handle) {
    return segment(residences.segment(handle));
  }

  /** True when the record of a transaction is the one that stands there. */
  boolean isHome(int handle, Segment segment, int position) {
    return residences.position(handle) == position && homeSegment(handle) == segment;
  }

  /**
   * A transaction's record was added. Its chunks' segments were held since they were added.
   *
   * @return its handle
   */
  int committed(TransactionId id, Extent home, List<Extent> chunks, int recipients) {
    int handle =
        residences.add(
            id.high(),
            id.low(),
            home.segment().number(),
            home.position(),
            home.payloadLength(),
            recipients);
    residences.setChunks(handle, chunks);
    hold(home);
    return handle;
  }

  /** Content was added to a segment that must stay for it. */
  void hold(Extent extent) {
    extent.segment().bodies++;
    extent.segment().bodyBytes += extent.bytes();
  }

  /** Content in a segment is not needed any more. */
  void letGo(Extent extent) {
    var segment = extent.segment();
    segment.bodies--;
    segment.bodyBytes -= extent.bytes();
    Check.that(segment.bodies >= 0, "a segment was let go more often than held");
    ease(segment);
  }

  void pin(Segment segment) {
    segment.pins++;
  }

  void unpin(Segment segment) {
    segment.pins--;
    ease(segment);
  }

  /** Looks at a segment again at the next chance. */
  void ease(Segment segment) {
    eased.add(segment);
  }

  /** Looks again at every segment that was closed and is without bodies. */
  void easeClosed() {
    for (var segment : segments.values()) {
      if (segment.phase == Segment.Phase.CLOSED && segment.isWithoutBodies()) {
        eased.add(segment);
      }
    }
  }

  /** A record with the state of a recipient that still waits was added. */
  void state(int handle, int recipient, long lsn, boolean isFinal, Fields amended) {
    boolean wasLiving = residences.isLiving(handle);
    moveState(handle, recipient, lsn, isFinal);
    residences.setAmended(handle, recipient, amended);
    if (wasLiving && !residences.isLiving(handle)) {
      finish(handle);
    }
  }

  /** A recipient's state is repeated by a record further on. */
  void restated(int handle, int recipient, long lsn) {
    moveState(handle, recipient, lsn, !residences.isWaiting(handle, recipient));
  }

  private void moveState(int handle, int recipient, long lsn, boolean isFinal) {
    forgetState(handle, recipient);
    residences.setState(handle, recipient, lsn, isFinal);
    var segment = segmentOf(lsn);
    // A state beside its transaction's own record goes when that goes, and binds nothing.
    if (segment != homeSegment(handle)) {
      segment.states++;
    }
  }

  private void forgetState(int handle, int recipient) {
    long earlier = residences.stateLsn(handle, recipient);
    if (earlier != 0) {
      var segment = segmentOf(earlier);
      if (segment != homeSegment(handle)) {
        lessStates(segment);
      }
    }
  }

  private void lessStates(Segment segment) {
    segment.states--;
    Check.that(segment.states >= 0, "a segment holds fewer states than none");
    ease(segment);
  }

  /**
   * The record of a living transaction was added once more, further on, and counts from here on.
   * What it was moved into stays until its old segment is blank.
   */
  void moved(int handle, Extent to) {
    var from = home(handle);
    hold(to);
    pinTarget(from.segment(), to.segment());
    residences.move(handle, to.segment().number(), to.position());
    for (int i = 0; i < residences.recipients(handle); i++) {
      long lsn = residences.stateLsn(handle, i);
      var segment = lsn == 0 ? null : segmentOf(lsn);
      if (segment == from.segment() && segment != to.segment()) {
        segment.states++;
      } else if (segment == to.segment() && segment != from.segment()) {
        lessStates(segment);
      }
    }
    letGo(from);
  }

  /** The same of a chunk of its content. */
  void movedChunk(int handle, int index, Extent to) {
    var chunks = new ArrayList<>(residences.chunks(handle));
    var from = chunks.set(index, to);
    hold(to);
    pinTarget(from.segment(), to.segment());
    residences.setChunks(handle, List.copyOf(chunks));
    letGo(from);
  }

  /** A segment into which something was moved stays until the one that it came from is blank. */
  void pinTarget(Segment from, Segment to) {
    if (from != to && from.movedInto.add(to)) {
      pin(to);
    }
  }

  private void finish(int handle) {
    var home = home(handle);
    letGo(home);
    residences.chunks(handle).forEach(this::letGo);
    residences.setChunks(handle, List.of());
    // Where the record and all final states share a segment they go together, so nothing needs to
    // be remembered.
    for (int i = 0; i < residences.recipients(handle); i++) {
      if (segmentOf(residences.stateLsn(handle, i)) != home.segment()) {
        home.segment().addFinished(handle);
        return;
      }
    }
    forget(handle);
  }

  /** Its record is no longer on disk, so its states mean nothing any more. */
  private void forget(int handle) {
    for (int i = 0; i < residences.recipients(handle); i++) {
      forgetState(handle, i);
    }
    residences.remove(handle);
  }

  /** A living transaction of which octets are missing: it was set aside and is not held. */
  void lost(int handle) {
    letGo(home(handle));
    residences.chunks(handle).forEach(this::letGo);
    forget(handle);
  }

  /** A segment is blank on disk: what was in it no longer exists. */
  void retired(Segment segment) {
    for (int handle : segment.takeFinished()) {
      forget(handle);
    }
    segments.remove(segment.header.firstLsn());
    byNumber[segment.number()] = null;
    eased.remove(segment);
    segment.movedInto.forEach(this::unpin);
    segment.movedInto.clear();
  }

  /**
   * Takes over what recovery found; the other accounts are not used again.
   *
   * <p>There are mostly more of those than of what came since the start, so their table is the one
   * that stays. Handles change.
   */
  void adopt(Accounts recovered) {
    var own = residences;
    residences = recovered.residences;
    recovered.segments.values().forEach(this::add);
    foreign.adopt(recovered.foreign);
    for (var segment : segments.values()) {
      // Given anew below; those of recovery keep their handles.
      if (recovered.segments.get(segment.header.firstLsn()) != segment) {
        segment.takeFinished();
      }
    }
    int block = 0;
    while (own.visitBlock(block, handle -> take(own, handle))) {
      block++;
    }
    eased.addAll(recovered.segments.values());
  }

  private void take(Residences own, int handle) {
    int adopted = residences.adopt(own, handle);
    if (!residences.isLiving(adopted)) {
      homeSegment(adopted).addFinished(adopted);
    }
  }

  /** The segments of which less is needed since the last call. */
  List<Segment> takeEased() {
    if (eased.isEmpty()) {
      return List.of();
    }
    var taken = new ArrayList<>(eased);
    eased.clear();
    return taken;
  }
}
