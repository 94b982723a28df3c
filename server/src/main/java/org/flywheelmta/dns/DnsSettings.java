package org.flywheelmta.dns;

import java.net.InetSocketAddress;
import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What a resolver works with.
 *
 * @param servers at least one before a resolver takes them, tried in this order
 * @param timeoutNanos for one query to one server
 * @param maxPending how many askers may wait for an answer
 * @param queriesPerSecond how many queries are sent in a second
 * @param cacheSize how many answers are kept; at least 1
 * @param minTtlNanos the least time that an answer is kept, failures aside
 * @param maxTtlNanos the most; at least {@code minTtlNanos}
 * @param failureTtlNanos how long a failure is kept
 */
@ReadOnlyThreadSafe
public record DnsSettings(
    List<InetSocketAddress> servers,
    long timeoutNanos,
    int maxPending,
    int queriesPerSecond,
    int cacheSize,
    long minTtlNanos,
    long maxTtlNanos,
    long failureTtlNanos) {

  /** The same with other servers. */
  public DnsSettings withServers(List<InetSocketAddress> others) {
    return new DnsSettings(
        others,
        timeoutNanos,
        maxPending,
        queriesPerSecond,
        cacheSize,
        minTtlNanos,
        maxTtlNanos,
        failureTtlNanos);
  }
}
