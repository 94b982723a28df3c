package org.flywheelmta.dns;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/** What became of a {@link Question}. */
@ReadOnlyThreadSafe
public sealed interface Answer {
  /** Until when it counts, on the monotonic clock of the schedulers, nanoseconds. */
  long expiresNanos();

  /**
   * There are records.
   *
   * @param data of the type that was asked for, at least one, in the order of the answer
   */
  record Found(List<Rdata> data, long expiresNanos) implements Answer {}

  /** The name does not exist: NXDOMAIN (RFC 2308 section 2.1). */
  record NoName(long expiresNanos) implements Answer {}

  /** The name exists and has no record of the type (RFC 2308 section 2.2). */
  record NoRecord(long expiresNanos) implements Answer {}

  /**
   * Nobody could say; asking later may help.
   *
   * @param reason why, one short sentence without a full stop, for replies and logs
   */
  record Failed(String reason, long expiresNanos) implements Answer {}

  /** There was no room to ask, which says nothing of the name: ask again after this time. */
  record Busy(long expiresNanos) implements Answer {}
}
