package org.flywheelmta.domain;

/**
 * How an outcome came about, for the event log.
 *
 * @param peer address and port of the other side; empty where there was none
 * @param connectionId of the connection to it; 0 where there was none
 */
record Via(String peer, long connectionId) {
  /** Decided here, without another side. */
  static final Via NONE = new Via("", 0);
}
