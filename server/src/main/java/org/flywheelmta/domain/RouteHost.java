package org.flywheelmta.domain;

import org.flywheelmta.base.NonThreadSafe;

/** One address of a record's route, with what the record has there. */
@NonThreadSafe
final class RouteHost {
  static final long NOT_WAITING = -1;

  final MxRecord mx;
  final HostRecord host;

  /** What the record has at the MX host that this is an address of. */
  final Load load;

  /** The round in which it was last tried in vain. */
  int failedRound;

  /** Failures of the host when the record began to wait for it; {@link #NOT_WAITING}. */
  long failuresSeen = NOT_WAITING;

  /** What a record has open to an MX host. */
  @NonThreadSafe
  static final class Load {
    /** Sessions that are open or being opened. */
    int sessions;

    /** Those of them that are ready. */
    int ready;
  }

  RouteHost(MxRecord mx, HostRecord host, Load load) {
    this.mx = mx;
    this.host = host;
    this.load = load;
  }
}
