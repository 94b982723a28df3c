package org.flywheelmta.domain;

import org.flywheelmta.event.Tls;
import org.jspecify.annotations.Nullable;

/**
 * How an outcome came about, for the event log.
 *
 * @param peer address and port of the other side; empty where there was none
 * @param connectionId of the connection to it; 0 where there was none
 * @param tls how that was secured; null for one in clear
 */
record Via(String peer, long connectionId, @Nullable Tls tls) {
  /** Decided here, without another side. */
  static final Via NONE = new Via("", 0, null);
}
