package org.flywheelmta.bench;

import java.time.Duration;
import java.util.List;
import org.flywheelmta.torture.Load;
import org.flywheelmta.torture.SizeMix;

/**
 * How {@code latency} goes.
 *
 * @param stageTime how long the capacity is measured, and how long mails arrive in each stage
 * @param shares of the capacity, in percent, one for each stage
 * @param sessions connections kept open
 * @param size octets of each body, and of each raw force
 * @param warmUp mails before the capacity is measured
 * @param seed the same one gives the same arrivals and mails
 */
record LatencyPlan(
    Duration stageTime, List<Double> shares, int sessions, int size, long warmUp, long seed) {
  private static final Duration REPLY_LIMIT = Duration.ofSeconds(60);

  /** Shares beyond this would measure how a queue grows, not how long a server takes. */
  private static final double SHARE_MOST = 100;

  private static final int SESSIONS_MOST = 2_000;

  /** More than the raw force's file has room for makes no sense. */
  private static final int SIZE_MOST = RawForce.FILE_OCTETS;

  boolean makesSense() {
    return stageTime.isPositive()
        && !shares.isEmpty()
        && shares.stream().allMatch(share -> share > 0 && share <= SHARE_MOST)
        && sessions >= 1
        && sessions <= SESSIONS_MOST
        && size >= 1
        && size <= SIZE_MOST
        && warmUp >= 0;
  }

  /** Of mails with one recipient, all in one domain. */
  Load load() {
    return new Load(
        sessions,
        Long.MAX_VALUE,
        stageTime,
        0,
        1,
        0,
        1,
        SizeMix.fixed(size),
        true,
        REPLY_LIMIT,
        seed);
  }
}
