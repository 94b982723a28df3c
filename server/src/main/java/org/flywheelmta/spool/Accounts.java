package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
 * its final outcome would come back to life at the next start, and be delivered twice.
 */
@SingleThreadSafe
final class Accounts {
  private final Map<TransactionId, Residence> residences = new HashMap<>();
  private final TreeMap<Long, Segment> segments = new TreeMap<>();
  // Segments of which less is needed than before, to be looked at once.
  private final Set<Segment> eased = new LinkedHashSet<>();

  void add(Segment segment) {
    segments.put(segment.header.firstLsn(), segment);
  }

  @Nullable Residence residence(TransactionId id) {
    return residences.get(id);
  }

  /** The segment that holds the record with that LSN. */
  Segment segmentOf(long lsn) {
    var entry = segments.floorEntry(lsn);
    if (entry == null) {
      throw Check.bug("no segment holds an LSN that is in use");
    }
    return entry.getValue();
  }

  int living() {
    int living = 0;
    for (var residence : residences.values()) {
      living += residence.isLiving() ? 1 : 0;
    }
    return living;
  }

  int segmentsInUse() {
    return segments.size();
  }

  /** A transaction's record was added. Its chunks' segments were held since they were added. */
  void committed(Residence residence) {
    residences.put(residence.id, residence);
    hold(residence.home.segment());
  }

  /** Content was added to a segment that must stay for it. */
  void hold(Segment segment) {
    segment.bodies++;
  }

  /** Content in a segment is not needed any more. */
  void letGo(Segment segment) {
    segment.bodies--;
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
  void state(Residence residence, int recipient, long lsn, boolean isFinal, Fields amended) {
    boolean wasLiving = residence.isLiving();
    moveState(residence, recipient, lsn, isFinal);
    residence.setAmended(recipient, amended);
    if (wasLiving && !residence.isLiving()) {
      finish(residence);
    }
  }

  /** A recipient's state is repeated by a record further on. */
  void restated(Residence residence, int recipient, long lsn) {
    moveState(residence, recipient, lsn, !residence.isWaiting(recipient));
  }

  private void moveState(Residence residence, int recipient, long lsn, boolean isFinal) {
    forgetState(residence, recipient);
    residence.setState(recipient, lsn, isFinal);
    var segment = segmentOf(lsn);
    // A state beside its transaction's own record goes when that goes, and binds nothing.
    if (segment != residence.home.segment()) {
      segment.states++;
    }
  }

  private void forgetState(Residence residence, int recipient) {
    long earlier = residence.stateLsn(recipient);
    if (earlier == 0) {
      return;
    }
    var segment = segmentOf(earlier);
    if (segment != residence.home.segment()) {
      segment.states--;
      Check.that(segment.states >= 0, "a segment holds fewer states than none");
      ease(segment);
    }
  }

  private void finish(Residence residence) {
    var home = residence.home.segment();
    letGo(home);
    for (var chunk : residence.chunks) {
      letGo(chunk.segment());
    }
    // Where the record and all final states share a segment they go together, so nothing needs to
    // be remembered.
    for (int i = 0; i < residence.recipients(); i++) {
      if (segmentOf(residence.stateLsn(i)) != home) {
        home.finished.add(residence);
        return;
      }
    }
    forget(residence);
  }

  /** Its record is no longer on disk, so its states mean nothing any more. */
  void forget(Residence residence) {
    for (int i = 0; i < residence.recipients(); i++) {
      forgetState(residence, i);
    }
    residences.remove(residence.id);
  }

  /** A living transaction of which octets are missing: it was set aside and is not held. */
  void lost(Residence residence) {
    letGo(residence.home.segment());
    for (var chunk : residence.chunks) {
      letGo(chunk.segment());
    }
    forget(residence);
  }

  /** A segment is blank on disk: what was in it no longer exists. */
  void retired(Segment segment) {
    segment.finished.forEach(this::forget);
    segment.finished.clear();
    segments.remove(segment.header.firstLsn());
    eased.remove(segment);
  }

  /** Takes over what recovery found; the other accounts are not used again. */
  void adopt(Accounts recovered) {
    residences.putAll(recovered.residences);
    segments.putAll(recovered.segments);
    eased.addAll(recovered.segments.values());
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
