package org.flywheelmta.bench;

import java.time.Duration;

/**
 * What one run of one peer showed. A run that has an error has no figures that mean anything.
 *
 * @param round from 1; 0 is the warm-up
 * @param messages how many mails were sent
 * @param accepted from the first connection to the last acknowledgement
 * @param arrived from the first connection to the last mail at the sink; zero where none goes there
 * @param cpu processor time of the peer
 * @param memoryBytes the most that it held when it was looked at
 * @param forcedWrites of the disks of the machine
 * @param error what went wrong; empty where nothing did
 */
record RelayRun(
    RelayCase relayCase,
    String peer,
    int round,
    int messages,
    Duration accepted,
    Duration arrived,
    Duration cpu,
    long memoryBytes,
    long forcedWrites,
    String error) {
  private static final double MIB = 1 << 20;
  private static final double NANOS = 1e9;

  boolean isGood() {
    return error.isEmpty();
  }

  double acceptedPerSecond() {
    return messages / seconds(accepted);
  }

  /** End to end, or NaN where no mail goes there. */
  double arrivedPerSecond() {
    return arrived.isZero() ? Double.NaN : messages / seconds(arrived);
  }

  double cpuSecondsPerThousand() {
    return seconds(cpu) * 1_000 / messages;
  }

  double memoryMib() {
    return memoryBytes / MIB;
  }

  double forcedWritesPerMail() {
    return (double) forcedWrites / messages;
  }

  private static double seconds(Duration time) {
    return time.toNanos() / NANOS;
  }
}
