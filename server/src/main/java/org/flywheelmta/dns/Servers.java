package org.flywheelmta.dns;

import java.net.InetSocketAddress;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/**
 * The servers, of which each look-up tries the first that it has tried least; those that were
 * silent of late come after the others.
 */
@NonThreadSafe
final class Servers {
  /** How long a server that did not answer comes last. */
  static final long LAST_NANOS = 30_000_000_000L;

  private final Scheduler home;
  private final List<InetSocketAddress> addresses;
  private final long[] silentUntilNanos;
  private final boolean[] silent;

  Servers(Scheduler home, List<InetSocketAddress> addresses) {
    this.home = home;
    this.addresses = List.copyOf(addresses);
    this.silentUntilNanos = new long[addresses.size()];
    this.silent = new boolean[addresses.size()];
  }

  InetSocketAddress address(int server) {
    return addresses.get(server);
  }

  /** How often each server was tried by a look-up that has tried none. */
  int[] untried() {
    return new int[addresses.size()];
  }

  /** The next server for a look-up that has made {@code tries}. */
  int next(int[] tries) {
    long now = home.nanoTime();
    int best = 0;
    for (int i = 1; i < tries.length; i++) {
      boolean less = tries[i] < tries[best];
      boolean better = tries[i] == tries[best] && isSilent(best, now) && !isSilent(i, now);
      if (less || better) {
        best = i;
      }
    }
    return best;
  }

  /** True when each was tried {@code rounds} times. */
  boolean isExhausted(int[] tries, int rounds) {
    for (int count : tries) {
      if (count < rounds) {
        return false;
      }
    }
    return true;
  }

  void onReply(int server) {
    silent[server] = false;
  }

  void onSilence(int server) {
    silent[server] = true;
    silentUntilNanos[server] = home.nanoTime() + LAST_NANOS;
  }

  private boolean isSilent(int server, long now) {
    return silent[server] && silentUntilNanos[server] - now > 0;
  }
}
