package org.flywheelmta.smtp;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.flywheelmta.base.ConcurrentThreadSafe;

/**
 * Addresses whose handshakes fail, and until when they are not asked for one again under the same
 * policy, where mail may go in clear.
 */
@ConcurrentThreadSafe
final class PlainHosts {
  /** Further ones are asked for TLS each time. */
  static final int MOST = 10_000;

  private record Key(InetSocketAddress address, ClientTls tls) {}

  private final Map<Key, Long> untilNanos = new ConcurrentHashMap<>();

  /** A handshake under {@code tls} has failed, by what the other side sent. */
  void add(InetSocketAddress address, ClientTls tls, long nowNanos) {
    if (untilNanos.size() >= MOST) {
      untilNanos.values().removeIf(until -> until - nowNanos <= 0);
    }
    if (untilNanos.size() < MOST) {
      untilNanos.put(new Key(address, tls), nowNanos + tls.retryNanos());
    }
  }

  boolean has(InetSocketAddress address, ClientTls tls, long nowNanos) {
    if (untilNanos.isEmpty()) {
      return false;
    }
    var key = new Key(address, tls);
    var until = untilNanos.get(key);
    if (until != null && until - nowNanos <= 0) {
      untilNanos.remove(key, until);
      return false;
    }
    return until != null;
  }
}
