package org.flywheelmta.dns;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.scheduler.Scheduler;

/** Makes answers that cease to count at the right time. */
@NonThreadSafe
final class Lifetimes {
  /** However short a negative answer counts, not each mail for the name is to ask anew. */
  static final long LEAST_NEGATIVE_NANOS = 1_000_000_000L;

  private final Scheduler home;
  private final long minNanos;
  private final long maxNanos;
  private final long failureNanos;

  Lifetimes(Scheduler home, DnsSettings settings) {
    this.home = home;
    this.minNanos = settings.minTtlNanos();
    this.maxNanos = settings.maxTtlNanos();
    this.failureNanos = settings.failureTtlNanos();
  }

  Answer found(List<Rdata> data, long seconds) {
    return new Answer.Found(List.copyOf(data), after(seconds));
  }

  /**
   * @param seconds {@link Reply#NO_SOA}: it counts for {@link #LEAST_NEGATIVE_NANOS}
   */
  Answer noName(long seconds) {
    return new Answer.NoName(negative(seconds));
  }

  /**
   * @param seconds {@link Reply#NO_SOA}: it counts for {@link #LEAST_NEGATIVE_NANOS}
   */
  Answer noData(long seconds) {
    return new Answer.NoRecord(negative(seconds));
  }

  Answer failed(String reason) {
    return new Answer.Failed(reason, home.nanoTime() + failureNanos);
  }

  /** An answer that was reached over aliases, which count {@code seconds}. */
  Answer atMost(Answer answer, long seconds) {
    long latest = after(seconds);
    if (answer.expiresNanos() - latest <= 0) {
      return answer;
    }
    return switch (answer) {
      case Answer.Found(var data, _) -> new Answer.Found(data, latest);
      case Answer.NoName _ -> new Answer.NoName(latest);
      case Answer.NoRecord _ -> new Answer.NoRecord(latest);
      case Answer.Failed _, Answer.Busy _ -> answer;
    };
  }

  private long after(long seconds) {
    return home.nanoTime() + Math.clamp(SECONDS.toNanos(seconds), minNanos, maxNanos);
  }

  private long negative(long seconds) {
    long least = home.nanoTime() + LEAST_NEGATIVE_NANOS;
    return seconds == Reply.NO_SOA ? least : Math.max(least, after(seconds));
  }
}
