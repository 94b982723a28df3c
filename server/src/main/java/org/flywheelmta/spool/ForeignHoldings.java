package org.flywheelmta.spool;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.flywheelmta.base.SingleThreadSafe;

/**
 * The foreign outcomes that a volume holds, and in which segment each stands. They outlive their
 * segments until a start at which their home volume needs them no more.
 */
@SingleThreadSafe
final class ForeignHoldings {
  /** Where one stands. */
  private record Place(Segment segment, long lsn) {}

  private final Map<ForeignOutcome.Key, Place> held = new HashMap<>();
  private final Consumer<Segment> eased;

  /**
   * @param eased told of a segment that holds one less
   */
  ForeignHoldings(Consumer<Segment> eased) {
    this.eased = eased;
  }

  /**
   * One was added to a segment; one of the same recipient that was held before counts no more.
   *
   * @param lsn of its record
   */
  void put(ForeignOutcome.Key key, Segment segment, long lsn) {
    segment.carried++;
    var earlier = held.put(key, new Place(segment, lsn));
    if (earlier != null) {
      release(earlier.segment);
    }
  }

  private void release(Segment segment) {
    segment.carried--;
    eased.accept(segment);
  }

  /** True when the one of a recipient that counts is the record with that LSN. */
  boolean isAt(ForeignOutcome.Key key, long lsn) {
    var place = held.get(key);
    return place != null && place.lsn == lsn;
  }

  /** Takes over what recovery found, as far as nothing newer came since. */
  void adopt(ForeignHoldings recovered) {
    recovered.held.forEach(
        (key, place) -> {
          if (held.putIfAbsent(key, place) != null) {
            release(place.segment);
          }
        });
  }
}
