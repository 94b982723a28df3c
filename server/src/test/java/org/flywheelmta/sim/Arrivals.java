package org.flywheelmta.sim;

import java.util.List;
import java.util.Set;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What the hosts outside know of a server's mail.
 *
 * @param deliveries what they took on, in order
 * @param failed the recipients that they refused for good, or that nobody takes mail of
 * @param refusals the recipients that they refused for good, once for each time
 */
@ReadOnlyThreadSafe
record Arrivals(List<SimSmtpSink.Delivery> deliveries, Set<String> failed, List<String> refusals) {
  /** Those of one gateway. */
  static Arrivals at(SimSmtpSink sink) {
    return new Arrivals(sink.deliveries(), sink.refused().keySet(), sink.refusals());
  }
}
