package org.flywheelmta.domain;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** The host records of one scheduler. */
@NonThreadSafe
final class HostTable {
  private static final int FIRST_SWEEP = 1_000;

  private final Scheduler scheduler;
  private final Map<InetSocketAddress, HostRecord> hosts = new LinkedHashMap<>();
  private int sweepAbove = FIRST_SWEEP;

  HostTable(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** The record of an address, made where there is none; a use of it is counted. */
  HostRecord use(InetSocketAddress address) {
    var known = hosts.get(address);
    if (known == null) {
      sweep();
      known = new HostRecord(address, scheduler.nanoTime());
      hosts.put(address, known);
    }
    known.use(1);
    return known;
  }

  /** Ends a use. */
  void release(HostRecord host) {
    host.use(-1);
    if (host.isForgettable(scheduler.nanoTime())) {
      hosts.remove(host.address, host);
    }
  }

  /** Drops those that failed once and that nobody uses any more, whenever their number doubled. */
  private void sweep() {
    if (hosts.size() >= sweepAbove) {
      long now = scheduler.nanoTime();
      hosts.values().removeIf(host -> host.isForgettable(now));
      sweepAbove = Math.max(FIRST_SWEEP, hosts.size() * 2);
    }
  }

  /** How many there are. */
  int size() {
    return hosts.size();
  }
}
