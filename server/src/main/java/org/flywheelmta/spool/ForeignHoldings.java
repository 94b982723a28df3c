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
  private final Map<ForeignOutcome.Key, Segment> held = new HashMap<>();
  private final Consumer<Segment> eased;

  /**
   * @param eased told of a segment that holds one less
   */
  ForeignHoldings(Consumer<Segment> eased) {
    this.eased = eased;
  }

  /** One was added to a segment; one of the same recipient that was held before counts no more. */
  void put(ForeignOutcome.Key key, Segment segment) {
    segment.carried++;
    var earlier = held.put(key, segment);
    if (earlier != null) {
      release(earlier);
    }
  }

  private void release(Segment segment) {
    segment.carried--;
    eased.accept(segment);
  }

  /** True when the one of a recipient stands in that segment. */
  boolean isAt(ForeignOutcome.Key key, Segment segment) {
    return held.get(key) == segment;
  }

  /** Takes over what recovery found, as far as nothing newer came since. */
  void adopt(ForeignHoldings recovered) {
    recovered.held.forEach(
        (key, segment) -> {
          if (held.putIfAbsent(key, segment) != null) {
            release(segment);
          }
        });
  }
}
