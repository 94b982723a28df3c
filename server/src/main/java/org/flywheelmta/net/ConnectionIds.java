package org.flywheelmta.net;

import java.util.concurrent.atomic.AtomicLong;
import org.flywheelmta.base.ConcurrentThreadSafe;

/** Numbers the connections of one server, in both directions, from 1. */
@ConcurrentThreadSafe
public final class ConnectionIds {
  private final AtomicLong last = new AtomicLong();

  long next() {
    return last.incrementAndGet();
  }
}
